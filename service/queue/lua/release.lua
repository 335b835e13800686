-- Undo a reservation: the lead is back in its lane, at its place.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 lane names  6 lanes (prefix)
--       7 arrivals (channel)
-- ARGV  1 lead id  2 operator  3 token
-- Reply 1 back in its lane, 0 the reservation was gone already
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local names, lanes, arrivals = KEYS[5], KEYS[6], KEYS[7]
local id, operator, token = ARGV[1], ARGV[2], ARGV[3]

if redis.call('HGET', holders, id) ~= operator .. ' ' .. token then return 0 end
redis.call('HDEL', holders, id)
redis.call('ZREM', holdings, operator .. ' ' .. id)
redis.call('ZREM', held, id)
local lane, place = string.match(redis.call('HGET', places, id) or '', '^%d+|([^|]+)|(.*)$')
if not lane then return 0 end
redis.call('SADD', names, lane)
redis.call('ZADD', lanes .. lane, place, id)
redis.call('PUBLISH', arrivals, lane)
return 1
