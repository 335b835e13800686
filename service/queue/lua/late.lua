-- The late leads of each lane, for the guarantee. scripts.py puts this text before each script that
-- needs it. A mark is `unix-ms` and flags, without a blank between: since when the lead is late,
-- empty if it never is. Flag p, protected: no lead is put before it. Flag b, behind: it comes after
-- the other late leads. A lane's late leads are a sorted set by that moment; BEHIND is added to the
-- moment of those behind.
local BEHIND = 1e14

-- The value of a lead in the hash of places.
local function in_words(version, lane, place, mark)
  local words = version .. '|' .. lane .. '|' .. place
  return mark == '' and words or words .. '|' .. mark
end

-- Add a lead to those of a lane that are late or will be.
local function enter_late(late, lane, id, mark)
  local at, flags = string.match(mark, '^(%d*)(%a*)$')
  if not at or at == '' then return end
  local order = tonumber(at)
  if string.find(flags, 'b', 1, true) then order = order + BEHIND end
  redis.call('ZADD', late .. lane, order, id)
end

local function leave_late(late, lane, id)
  redis.call('ZREM', late .. lane, id)
end
