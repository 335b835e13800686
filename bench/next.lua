-- Operators ask for their next lead, one after the other.
-- ARGS  1 path of the API  2 how many operators there are
dofile("result.lua")

local requests, turn = {}, 0

function init(args)
  for number = 1, tonumber(args[2]) do
    local path = string.format("%s/operators/operator-%d/next", args[1], number)
    requests[number] = wrk.format("POST", path)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
