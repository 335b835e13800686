-- Undo a reservation: the lead goes back to its lane, at its place.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 lane names  6 lanes (prefix)
--       7 arrivals (channel)  8 late (prefix)  9 count of the guarantee
-- ARGV  1 lead id  2 operator  3 token  4 'one' to subtract one from the count of the guarantee,
--       a number to set the count, else empty
-- Reply 1 the lead is back in its lane, 0 the reservation or the lead's lane was gone already
-- Needs late.lua, count.lua
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local names, lanes, arrivals, late = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local id, operator, token = ARGV[1], ARGV[2], ARGV[3]

if redis.call('HGET', holders, id) ~= operator .. ' ' .. token then return 0 end
redis.call('HDEL', holders, id)
redis.call('ZREM', holdings, operator .. ' ' .. id)
redis.call('ZREM', held, id)
give_count_back(KEYS[9], ARGV[4])
local known = redis.call('HGET', places, id) or ''
local lane, place, mark = string.match(known, '^%d+|([^|]+)|([^|]*)|?(.*)$')
if not lane then return 0 end
redis.call('SADD', names, lane)
redis.call('ZADD', lanes .. lane, place, id)
enter_late(late, lane, id, mark)
redis.call('PUBLISH', arrivals, lane .. ' ' .. id)
return 1
