-- Make the line show leads as Postgres has them: waiting in a lane, held, parked, or gone.
-- Repeating it, or running an older one late, changes nothing.
-- KEYS  1 places  2 held  3 holders  4 holdings  5 gone  6 steps  7 timelines  8 lane names
--       9 lanes (prefix)  10 arrivals (channel)  11 late (prefix)  12 changes (channel)
-- ARGV  for each lead: 1 lead id  2 version  3 lane  4 place  5 holder (operator token, or
--       operator paused token), empty if nobody  6 end of the lease, unix ms  7 now, unix ms;
--       an empty lane means gone
--       8 'again' to show the very version that the line knows once more, else empty
--       9 timeline; with an empty lane it means parked, and not gone
--       10 mark of the guarantee (late.lua)
-- Reply how many were shown; the line knows the versions of the others, or newer ones
-- Needs late.lua, timeline.lua
local places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local gone, steps, timelines = KEYS[5], KEYS[6], KEYS[7]
local names, lanes, arrivals, late = KEYS[8], KEYS[9], KEYS[10], KEYS[11]

-- The lane in which a lead stood, nil if it is new; false when the line knows as much or more.
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
    -- Who is gone is forgotten after a while, who is parked must not be.
    if timeline == '' then redis.call('ZADD', gone, now, id) end
  elseif holder ~= '' then
    redis.call('ZADD', held, lease_until, id)
    redis.call('HSET', holders, id, holder)
    redis.call('ZADD', holdings, 0, string.match(holder, '^%S+') .. ' ' .. id)
  else
    redis.call('ZADD', lanes .. lane, place, id)
    enter_late(late, lane, id, mark)
    -- Who stood there already does not come.
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
