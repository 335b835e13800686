-- Forget the names of lanes in which nobody stands; who comes back to one names it again.
-- KEYS  1 lane names  2 lanes (prefix)
-- ARGV  1 how many names are looked at
-- Reply how many were forgotten
local names, lanes = KEYS[1], KEYS[2]

local forgotten = 0
for _, lane in ipairs(redis.call('SRANDMEMBER', names, ARGV[1])) do
  if redis.call('EXISTS', lanes .. lane) == 0 then
    forgotten = forgotten + redis.call('SREM', names, lane)
  end
end
return forgotten
