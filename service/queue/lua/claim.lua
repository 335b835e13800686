-- Reserve the first lead of an operator's lanes, or name the one that he holds already.
-- KEYS  1 epoch  2 places  3 held  4 holders  5 holdings  6… the operator's lanes
-- ARGV  1 operator  2 token  3 end of the reservation, unix ms  4 how many he may hold here
--       5 when the caller last failed to reach the line, unix ms, 0 if never
-- Reply nothing: no lead waits for him
--       {'behind'}: the line was lost, or was not compared with Postgres since that failure
--       {lead id, token, version}: reserved, or held already under that token
local epoch, places, held, holders, holdings = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local operator, token, reserved_until = ARGV[1], ARGV[2], ARGV[3]
local capacity, failed_at = tonumber(ARGV[4]), tonumber(ARGV[5])

local compared_at = string.match(redis.call('GET', epoch) or '', '%d+$')
if not compared_at or tonumber(compared_at) <= failed_at then return {'behind'} end

local function version_of(id)
  return string.match(redis.call('HGET', places, id) or '0', '^%d+')
end

local holds = redis.call('ZRANGEBYLEX', holdings, '[' .. operator .. ' ', '(' .. operator .. '!',
  'LIMIT', 0, capacity)
if #holds >= capacity then
  local id = string.sub(holds[1], #operator + 2)
  local holder = redis.call('HGET', holders, id)
  if holder then return {id, string.match(holder, '%S+$'), version_of(id)} end
  redis.call('ZREM', holdings, holds[1])
end

local first, first_place, first_lane
for number = 6, #KEYS do
  local head = redis.call('ZRANGE', KEYS[number], 0, 0, 'WITHSCORES')
  if head[1] then
    local place = tonumber(head[2])
    if not first or place < first_place or (place == first_place and head[1] < first) then
      first, first_place, first_lane = head[1], place, KEYS[number]
    end
  end
end
if not first then return nil end

redis.call('ZREM', first_lane, first)
redis.call('ZADD', held, reserved_until, first)
redis.call('HSET', holders, first, operator .. ' ' .. token)
redis.call('ZADD', holdings, 0, operator .. ' ' .. first)
return {first, token, version_of(first)}
