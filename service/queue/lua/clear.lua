-- Drop a queue's whole line at once.
-- KEYS  1 epoch  2 places  3 held  4 holders  5 holdings  6 gone  7 steps  8 timelines
--       9 lane names  10 count of the guarantee  11 lanes (prefix)  12 late (prefix)
-- Reply how many keys were dropped, without those of late leads
local names, lanes, late = KEYS[9], KEYS[11], KEYS[12]

local dropped = 0
for _, lane in ipairs(redis.call('SMEMBERS', names)) do
  dropped = dropped + redis.call('UNLINK', lanes .. lane)
  redis.call('UNLINK', late .. lane)
end
for number = 1, 10 do
  dropped = dropped + redis.call('UNLINK', KEYS[number])
end
return dropped
