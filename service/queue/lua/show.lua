-- Make the line show one lead as Postgres has it: waiting in a lane, held, parked, or gone.
-- Repeating it, or running an older one late, changes nothing.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 gone  6 steps  7 timelines  8 lane names
--       9 lanes (prefix)  10 arrivals (channel)
-- ARGV  1 lead id  2 version  3 lane  4 place  5 holder (operator token), empty if nobody
--       6 end of the lease, unix ms  7 now, unix ms; an empty lane means gone
--       8 'again' to show the very version that the line knows once more, else empty
--       9 timeline; with an empty lane it means parked, and not gone
-- Reply 1 shown, 0 the line knows this version or a newer one
-- Needs timeline.lua
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local gone, steps, timelines = KEYS[5], KEYS[6], KEYS[7]
local names, lanes, arrivals = KEYS[8], KEYS[9], KEYS[10]
local id, version, lane, place = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local holder, lease_until, now, again = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local timeline = ARGV[9]

local known = redis.call('HGET', places, id)
if known then
  local known_version, known_lane = string.match(known, '^(%d+)|([^|]*)|')
  local age = tonumber(known_version) - tonumber(version)
  if age > 0 or age == 0 and again == '' then return 0 end
  if known_lane == '' then
    redis.call('ZREM', gone, id)
  else
    redis.call('ZREM', lanes .. known_lane, id)
  end
end
local known_holder = redis.call('HGET', holders, id)
if known_holder then
  redis.call('ZREM', holdings, string.match(known_holder, '^%S+') .. ' ' .. id)
  redis.call('HDEL', holders, id)
  redis.call('ZREM', held, id)
end

redis.call('HSET', places, id, version .. '|' .. lane .. '|' .. place)
keep_timeline({steps = steps, timelines = timelines}, id, timeline)
if lane ~= '' then redis.call('SADD', names, lane) end
if lane == '' then
  -- Who is gone is forgotten after a while, who is parked must not be.
  if timeline == '' then redis.call('ZADD', gone, now, id) end
elseif holder ~= '' then
  redis.call('ZADD', held, lease_until, id)
  redis.call('HSET', holders, id, holder)
  redis.call('ZADD', holdings, 0, string.match(holder, '^%S+') .. ' ' .. id)
else
  redis.call('ZADD', lanes .. lane, place, id)
  redis.call('PUBLISH', arrivals, lane)
end
return 1
