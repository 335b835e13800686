-- What becomes of leads in time: put before the text of each script that needs it (scripts.py).
-- line  the keys by name: places, steps, timelines, names (lane names), lanes (prefix),
--       arrivals (channel)
-- A timeline is `unix-ms lane place;…` in order of time, and empty once no step is to come.

-- Keep a lead's timeline, whatever was known of it.
local function keep_timeline(line, id, timeline)
  if timeline == '' then
    redis.call('ZREM', line.steps, id)
    redis.call('HDEL', line.timelines, id)
  else
    redis.call('ZADD', line.steps, string.match(timeline, '^%d+'), id)
    redis.call('HSET', line.timelines, id, timeline)
  end
end

-- Lane and place of the last step that is due, nil if none is; the timeline without what is due.
local function divide(timeline, now)
  local lane, place
  local ahead = {}
  for step in string.gmatch(timeline, '[^;]+') do
    local at, step_lane, step_place = string.match(step, '^(%d+) (%S+) (%S+)$')
    if tonumber(at) <= tonumber(now) then
      lane, place = step_lane, step_place
    else
      table.insert(ahead, step)
    end
  end
  return lane, place, table.concat(ahead, ';')
end

-- Who is held stands in no lane: only his place changes, and there he comes back to.
local function pass(line, id, from, lane, place)
  if from ~= '' and redis.call('ZREM', line.lanes .. from, id) == 0 then return end
  redis.call('ZADD', line.lanes .. lane, place, id)
  if lane ~= from then redis.call('PUBLISH', line.arrivals, lane) end
end

-- Whether a lead took a step.
local function take_step(line, id, now)
  local known = redis.call('HGET', line.places, id) or ''
  local version, from = string.match(known, '^(%d+)|([^|]*)|')
  local timeline = version and redis.call('HGET', line.timelines, id) or ''
  local lane, place, ahead = divide(timeline, now)
  keep_timeline(line, id, ahead)
  if not lane then return false end
  redis.call('HSET', line.places, id, version .. '|' .. lane .. '|' .. place)
  redis.call('SADD', line.names, lane)
  pass(line, id, from, lane, place)
  return true
end

-- Carry out what is due until now (unix ms) for so many leads at most, the longest overdue first;
-- how many took steps.
local function take_steps(line, now, most)
  local taken = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', line.steps, '-inf', now, 'LIMIT', 0, most)) do
    if take_step(line, id, now) then taken = taken + 1 end
  end
  return taken
end
