-- The late leads of each lane, for the guarantee: put before the text of each script that needs it.
-- A mark is `unix-ms flags` without the blank: from when a lead is late, empty for who never is;
-- flags are p, protected: nobody is put before it, and b, behind: it comes after the other late
-- ones. A lane's late leads are a sorted set by that moment, those behind further on.
local BEHIND = 1e14

-- What the hash of places holds of a lead.
local function in_words(version, lane, place, mark)
  local words = version .. '|' .. lane .. '|' .. place
  return mark == '' and words or words .. '|' .. mark
end

-- Let a lead stand among those of a lane that are late or will be.
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
