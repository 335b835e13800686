-- Operators end the claims that they hold, each once, with a sale.
-- ARGS  1 path of the API  2 a file with the id and the token of a claim in each line
dofile("result.lua")

local SALE = '{"token":"%s","outcome":"won","amount":"5200.00","note":"paid by card"}'

local path, claims, turn = nil, {}, 0

function init(args)
  path = args[1]
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(args[2]) do
    claims[#claims + 1] = line
  end
end

-- Should a run end all of them and begin again, it does not count: the table tells.
function request()
  turn = turn % #claims + 1
  local id, token = claims[turn]:match("^(%S+) (%S+)$")
  return wrk.format("POST", path .. "/leads/" .. id .. "/settle", nil, SALE:format(token))
end
