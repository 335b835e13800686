-- Reserve the first lead of an operator's lanes, or name a lead that they hold already.
-- KEYS  1 epoch  2 places  3 held  4 holders  5 holdings  6 steps  7 timelines  8 lane names
--       9 lanes (prefix)  10 arrivals (channel)  11 late (prefix)  12 count of the guarantee
--       13… the operator's lanes, then lanes of others
-- ARGV  1 operator  2 token  3 end of the reservation, unix ms  4 capacity: leads they may hold here
--       5 when the caller last failed to reach the line, unix ms, 0 if never
--       6 now, unix ms  7 how many leads at most take their due steps first
--       8 how many of the lanes are the operator's
--       9 the guarantee: one of so many claims takes the longest-late lead, 0 without a guarantee
-- Reply nothing: no lead waits for them
--       {'behind'}: the line was lost, or was not compared with Postgres since that failure
--       {lead id, token, version, place}: held already under that token
--       {lead id, token, version, place, {lead id, place}, {lane's key, lead id, place, …}, count,
--       ended}:
--       reserved; then the second lead, and the leads of others' lanes that stand before it; both
--       may be empty. `count` are the claims since the guarantee's last one, this one included.
--       A negative count means that the guarantee took the lead; the second one is then the head
--       that it passed over. `ended` is 1 when the longest-late lead was taken, also as the head:
--       the count begins again
-- Needs late.lua, timeline.lua
local epoch, places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local line = {
  places = places, steps = KEYS[6], timelines = KEYS[7],
  names = KEYS[8], lanes = KEYS[9], arrivals = KEYS[10], late = KEYS[11],
}
local counter, every = KEYS[12], tonumber(ARGV[9])
local operator, token, reserved_until = ARGV[1], ARGV[2], ARGV[3]
local capacity, failed_at = tonumber(ARGV[4]), tonumber(ARGV[5])
local now, most_steps = ARGV[6], ARGV[7]
local first_lane, last_lane = 13, 12 + tonumber(ARGV[8])

local compared_at = string.match(redis.call('GET', epoch) or '', '%d+$')
if not compared_at or tonumber(compared_at) <= failed_at then return {'behind'} end

local function version_and_place(id)
  local known = redis.call('HGET', places, id) or ''
  local version, place = string.match(known, '^(%d+)|[^|]*|(%-?%d+)')
  return version or '0', place or '0'
end

-- While a call on top pauses a lease, the holder is `operator paused token`.
local holds = redis.call('ZRANGEBYLEX', holdings, '[' .. operator .. ' ', '(' .. operator .. '!')
if #holds >= capacity and #holds > 0 then
  local id, holder
  for _, hold in ipairs(holds) do
    id = string.sub(hold, #operator + 2)
    holder = redis.call('HGET', holders, id)
    if not holder or not string.find(holder, ' paused ', 1, true) then break end
  end
  if holder then return {id, string.match(holder, '%S+$'), version_and_place(id)} end
  redis.call('ZREM', holdings, operator .. ' ' .. id)
end

take_steps(line, now, most_steps)

local first, second
local function goes_before(one, other)
  return not other or one.place < other.place or (one.place == other.place and one.id < other.id)
end
for number = first_lane, last_lane do
  local heads = redis.call('ZRANGE', KEYS[number], 0, 1, 'WITHSCORES')
  for at = 1, #heads, 2 do
    local head = {id = heads[at], place = tonumber(heads[at + 1]), lane = KEYS[number]}
    if goes_before(head, first) then
      first, second = head, first
    elseif goes_before(head, second) then
      second = head
    end
  end
end
if not first then return nil end

local function mark_of(id)
  return string.match(redis.call('HGET', places, id) or '', '^%d+|[^|]*|[^|]*|?(.*)$') or ''
end

-- The longest-late lead of the operator's lanes, in the range from 0 or from BEHIND; nil if none.
local function longest_late(distance)
  local longest
  for number = first_lane, last_lane do
    local set = line.late .. string.sub(KEYS[number], #line.lanes + 1)
    local found = redis.call(
      'ZRANGEBYSCORE', set, distance, distance + tonumber(now), 'WITHSCORES', 'LIMIT', 0, 1)
    if found[1] then
      local late = {id = found[1], place = tonumber(found[2]), lane = KEYS[number]}
      if goes_before(late, longest) then longest = late end
    end
  end
  return longest
end

local count, ended = 0, 0
if every > 0 then
  count = redis.call('INCR', counter)
  if count >= every and not string.find(mark_of(first.id), 'p', 1, true) then
    local late = longest_late(0) or longest_late(BEHIND)
    if late then
      redis.call('SET', counter, 0)
      ended = 1
      if late.id ~= first.id then
        second = first
        first = {id = late.id, lane = late.lane}
        first.place = tonumber(redis.call('ZSCORE', late.lane, late.id))
        count = -count
      end
    end
  end
end

redis.call('ZREM', first.lane, first.id)
if mark_of(first.id) ~= '' then
  leave_late(line.late, string.sub(first.lane, #line.lanes + 1), first.id)
end
redis.call('ZADD', held, reserved_until, first.id)
redis.call('HSET', holders, first.id, operator .. ' ' .. token)
redis.call('ZADD', holdings, 0, operator .. ' ' .. first.id)

-- Redis itself writes large scores as 1e+15.
local function exactly(place) return string.format('%.0f', place) end
local runner, others = {}, {}
if second then runner = {second.id, exactly(second.place)} end
for number = last_lane + 1, #KEYS do
  local head = redis.call('ZRANGE', KEYS[number], 0, 0, 'WITHSCORES')
  if head[1] and tonumber(head[2]) < first.place then
    for _, part in ipairs({KEYS[number], head[1], exactly(tonumber(head[2]))}) do
      table.insert(others, part)
    end
  end
end
return {
  first.id, token, (version_and_place(first.id)), exactly(first.place), runner, others, count,
  ended,
}
