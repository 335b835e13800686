-- Put leads whose lease or reservation is over back in their lanes, at their places.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 lane names  6 lanes (prefix)
--       7 arrivals (channel)  8 late (prefix)
-- ARGV  1 now, unix ms  2 how many at most
-- Reply the ids of the leads put back
-- Needs late.lua
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local names, lanes, arrivals, late = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local now, most = ARGV[1], ARGV[2]

local ids = redis.call('ZRANGEBYSCORE', held, '-inf', now, 'LIMIT', 0, most)
for _, id in ipairs(ids) do
  local operator = string.match(redis.call('HGET', holders, id) or '', '^%S*')
  redis.call('HDEL', holders, id)
  redis.call('ZREM', holdings, operator .. ' ' .. id)
  redis.call('ZREM', held, id)
  local known = redis.call('HGET', places, id) or ''
  local lane, place, mark = string.match(known, '^%d+|([^|]+)|([^|]*)|?(.*)$')
  if lane then
    redis.call('SADD', names, lane)
    redis.call('ZADD', lanes .. lane, place, id)
    enter_late(late, lane, id, mark)
    redis.call('PUBLISH', arrivals, lane .. ' ' .. id)
  end
end
return ids
