-- Forget the versions of leads that left the line long ago.
-- KEYS  1 places  2 gone  3 steps  4 timelines
-- ARGV  1 they left before this time, unix ms  2 how many at most
-- Reply how many were forgotten
local places, gone, steps, timelines = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local before, most = ARGV[1], ARGV[2]

local ids = redis.call('ZRANGEBYSCORE', gone, '-inf', before, 'LIMIT', 0, most)
for _, id in ipairs(ids) do
  redis.call('HDEL', places, id)
  redis.call('ZREM', steps, id)
  redis.call('HDEL', timelines, id)
  redis.call('ZREM', gone, id)
end
return #ids
