-- Carry out due steps: leads move to other places and lanes, and parked leads enter the line.
-- KEYS  1 places  2 steps  3 timelines  4 lane names  5 lanes (prefix)  6 arrivals (channel)
--       7 late (prefix)  8 changes (channel)
-- ARGV  1 now, unix ms  2 how many leads at most
-- Reply how many leads took steps
-- Needs late.lua, timeline.lua
local line = {
  places = KEYS[1], steps = KEYS[2], timelines = KEYS[3],
  names = KEYS[4], lanes = KEYS[5], arrivals = KEYS[6], late = KEYS[7],
}
local taken = take_steps(line, ARGV[1], ARGV[2])
if taken > 0 then redis.call('PUBLISH', KEYS[8], '') end
return taken
