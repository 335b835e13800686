-- Make the line show leads as Postgres has them: waiting in a lane, held, parked, or gone.
-- Repeating a call, or a late call with an older version, changes nothing.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 gone  6 steps  7 timelines  8 lane names
--       9 lanes (prefix)  10 arrivals (channel)  11 late (prefix)  12 changes (channel)
-- ARGV  for each lead: 1 lead id  2 version  3 lane  4 place  5 holder (operator token, or
--       operator paused token), empty if nobody  6 end of the lease, unix ms  7 now, unix ms;
--       an empty lane means gone
--       8 'again' to repeat the version that the line already knows, else empty
--       9 timeline; with an empty lane it means parked, and not gone
--       10 mark of the guarantee (late.lua)
-- Reply how many were shown; of the others the line already knows this version or a newer one
-- Needs late.lua, timeline.lua
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local gone, steps, timelines = KEYS[5], KEYS[6], KEYS[7]
local names, lanes, arrivals, late = KEYS[8], KEYS[9], KEYS[10], KEYS[11]

-- Take a lead out of its lane and return the lane; nil if the lead is new, false when the line
-- already knows this version or a newer one.
local function leave(id, version, again)
  local known = redis.call('HGET', places, id)
  if not known then return nil end
  local known_version, known_lane, mark = string.match(known, '^(%d+)|([^|]*)|[^|]*|?(.*)$')
  local age = tonumber(known_version) - tonumber(version)
  if age > 0 or age == 0 and again == '' then return false end
  if known_lane == '' then
    redis.call('ZREM', gone, id)
  elseif redis.call('ZREM', lanes .. known_lane, id) == 0 then
    return ''
  elseif mark ~= '' then
    leave_late(late, known_lane, id)
  end
  return known_lane
end

local function let_go(id)
  local holder = redis.call('HGET', holders, id)
  if holder then
    redis.call('ZREM', holdings, string.match(holder, '^%S+') .. ' ' .. id)
    redis.call('HDEL', holders, id)
    redis.call('ZREM', held, id)
  end
end

local function show(id, version, lane, place, holder, lease_until, now, again, timeline, mark)
  local known_lane = leave(id, version, again)
  if known_lane == false then return 0 end
  let_go(id)
  redis.call('HSET', places, id, in_words(version, lane, place, mark))
  keep_timeline({steps = steps, timelines = timelines}, id, timeline)
  if lane ~= '' then redis.call('SADD', names, lane) end
  if lane == '' then
    -- A lead that is gone is forgotten after a while; a parked one must not be.
    if timeline == '' then redis.call('ZADD', gone, now, id) end
  elseif holder ~= '' then
    redis.call('ZADD', held, lease_until, id)
    redis.call('HSET', holders, id, holder)
    redis.call('ZADD', holdings, 0, string.match(holder, '^%S+') .. ' ' .. id)
  else
    redis.call('ZADD', lanes .. lane, place, id)
    enter_late(late, lane, id, mark)
    -- A lead that was in this lane already does not arrive.
    if lane ~= known_lane then redis.call('PUBLISH', arrivals, lane .. ' ' .. id) end
  end
  return 1
end

local shown = 0
for at = 1, #ARGV, 10 do
  shown = shown + show(unpack(ARGV, at, at + 9))
end
if shown > 0 then redis.call('PUBLISH', KEYS[12], '') end
return shown
