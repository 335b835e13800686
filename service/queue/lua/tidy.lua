-- Forget the names of empty lanes; a lead that comes to such a lane adds its name again.
-- KEYS  1 lane names  2 lanes (prefix)
-- ARGV  1 how many names to check
-- Reply how many were forgotten
local names, lanes = KEYS[1], KEYS[2]

local forgotten = 0
for _, lane in ipairs(redis.call('SRANDMEMBER', names, ARGV[1])) do
  if redis.call('EXISTS', lanes .. lane) == 0 then
    forgotten = forgotten + redis.call('SREM', names, lane)
  end
end
return forgotten
