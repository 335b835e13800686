-- Operators ask for their next lead, one after the other.
-- ARGS  1 path of the API  2 how many operators there are
--       3 optional: a file, to which the id and the token of every claim are written
dofile("result.lua")

local requests, turn = {}, 0

function init(args)
  for number = 1, tonumber(args[2]) do
    local path = string.format("%s/operators/operator-%d/next", args[1], number)
    requests[number] = wrk.format("POST", path)
  end
  if args[3] then
    local claims = io.open(args[3], "w")
    claims:setvbuf("line")
    function response(status, _, body)
      if status ~= 200 then return end
      local id, token = body:match('"id":%s?"([^"]+)"'), body:match('"token":%s?"([^"]+)"')
      claims:write(id, " ", token, "\n")
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
