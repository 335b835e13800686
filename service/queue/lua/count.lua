-- The count of the guarantee. scripts.py puts this text before each script that needs it.

-- Take a claim out of the count: `given` is 'one' to subtract it, a number to set the count that the
-- claim had found due, or empty for a claim that was not counted. Never below 0: another claim may
-- have ended the count meanwhile.
local function give_count_back(counter, given)
  if given == 'one' then
    if tonumber(redis.call('GET', counter) or 0) > 0 then redis.call('DECR', counter) end
  elseif given ~= '' then
    redis.call('SET', counter, given)
  end
end
