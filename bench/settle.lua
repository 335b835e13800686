-- Operators end the claims that they hold, each once, with a sale; over when all are ended.
-- ARGS  1 path of the API  2 a file with the id and the token of a claim in each line
dofile("result.lua")

local SALE = '{"token":"%s","outcome":"won","amount":"5200.00","note":"paid by card"}'

local path, claims, turn, began = nil, {}, 0, nil

function init(args)
  path = args[1]
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(args[2]) do
    claims[#claims + 1] = line
  end
end

function request()
  began = began or microseconds()
  if turn == #claims then
    took = took or microseconds() - began
    wrk.thread:stop()
    return wrk.format("GET", "/")
  end
  turn = turn + 1
  local id, token = claims[turn]:match("^(%S+) (%S+)$")
  return wrk.format("POST", path .. "/leads/" .. id .. "/settle", nil, SALE:format(token))
end
