-- The predicted steps of leads. scripts.py puts this text before each script that needs it.
-- line  the keys by name: places, steps, timelines, names (lane names), lanes (prefix),
--       arrivals (channel), late (prefix)
-- A timeline is `unix-ms lane place flags;…` in order of time, and empty when no step is left.
-- A step without flags has no blank at its end.

-- Replace the timeline of a lead.
local function keep_timeline(line, id, timeline)
  if timeline == '' then
    redis.call('ZREM', line.steps, id)
    redis.call('HDEL', line.timelines, id)
  else
    redis.call('ZADD', line.steps, string.match(timeline, '^%d+'), id)
    redis.call('HSET', line.timelines, id, timeline)
  end
end

-- Lane and place of the last due step (nil if none is due), the rest of the timeline, and the flags.
local function divide(timeline, now)
  local lane, place, flags
  local ahead = {}
  for step in string.gmatch(timeline, '[^;]+') do
    local at, step_lane, step_place, step_flags = string.match(step, '^(%d+) (%S+) (%S+) ?(%a*)$')
    if tonumber(at) <= tonumber(now) then
      lane, place, flags = step_lane, step_place, step_flags
    else
      table.insert(ahead, step)
    end
  end
  return lane, place, table.concat(ahead, ';'), flags
end

-- A held lead is in no lane: only its place changes, and it will come back to that place.
local function pass(line, id, from, lane, place, mark)
  if from ~= '' and redis.call('ZREM', line.lanes .. from, id) == 0 then return end
  if mark ~= '' and from ~= '' then leave_late(line.late, from, id) end
  redis.call('ZADD', line.lanes .. lane, place, id)
  enter_late(line.late, lane, id, mark)
  if lane ~= from then redis.call('PUBLISH', line.arrivals, lane .. ' ' .. id) end
end

-- Carry out the due steps of a lead; true if it took any.
local function take_step(line, id, now)
  local known = redis.call('HGET', line.places, id) or ''
  local version, from, mark = string.match(known, '^(%d+)|([^|]*)|[^|]*|?(.*)$')
  local timeline = version and redis.call('HGET', line.timelines, id) or ''
  local lane, place, ahead, flags = divide(timeline, now)
  keep_timeline(line, id, ahead)
  if not lane then return false end
  mark = (string.match(mark, '^%d*')) .. flags
  redis.call('HSET', line.places, id, in_words(version, lane, place, mark))
  redis.call('SADD', line.names, lane)
  pass(line, id, from, lane, place, mark)
  return true
end

-- Carry out the steps that are due at `now` (unix ms) for at most `most` leads, the longest overdue
-- first; returns how many took steps.
local function take_steps(line, now, most)
  local taken = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', line.steps, '-inf', now, 'LIMIT', 0, most)) do
    if take_step(line, id, now) then taken = taken + 1 end
  end
  return taken
end
