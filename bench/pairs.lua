-- Operators take a lead and end it with a sale, then take the next one; counted is half of each.
-- ARGS  1 path of the API  2 how many operators there are
dofile("result.lua")

local SALE = '{"token":"%s","outcome":"won","amount":"5200.00","note":"paid by card"}'

local path, requests, turn, held = nil, {}, 0, {}
counted, wrong = 0, 0

function init(args)
  path = args[1]
  for number = 1, tonumber(args[2]) do
    requests[number] = wrk.format("POST", string.format("%s/operators/operator-%d/next", path, number))
  end
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local claim = table.remove(held)
  if claim then
    return wrk.format("POST", path .. "/leads/" .. claim.id .. "/settle", nil, SALE:format(claim.token))
  end
  turn = turn % #requests + 1
  return requests[turn]
end

-- Only who was served is answered with a token. Errors with a status above 399 are counted by wrk.
function response(status, _, body)
  local token = status == 200 and body:match('"token":%s?"([^"]+)"')
  if token then
    counted = counted + 0.5
    held[#held + 1] = { id = body:match('"id":%s?"([^"]+)"'), token = token }
  elseif status == 200 then
    counted = counted + 0.5
  elseif status < 400 then
    wrong = wrong + 1
  end
end
