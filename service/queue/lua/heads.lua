-- The names of a queue's lanes, in the order in which their first leads would be served.
-- KEYS  1 lane names  2 lanes (prefix)
-- Reply the names; a lane where nobody waits is left out
local names, lanes = KEYS[1], KEYS[2]

local heads = {}
for _, name in ipairs(redis.call('SMEMBERS', names)) do
  local head = redis.call('ZRANGE', lanes .. name, 0, 0, 'WITHSCORES')
  if head[1] then table.insert(heads, {name = name, place = tonumber(head[2])}) end
end
table.sort(heads, function(one, other)
  return one.place < other.place or (one.place == other.place and one.name < other.name)
end)

local ordered = {}
for number, head in ipairs(heads) do ordered[number] = head.name end
return ordered
