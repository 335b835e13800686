-- Clients' signals as an auto-parts shop gets them: every one new, of a client among millions, so
-- that nearly all of them open a lead. The bodies are the same in every run, the clients are not:
-- one who came in an earlier run would have a card already.
-- ARGS  1 path of the API  2 the run, part of every external_id, eight hexadecimal digits
--       3 optional: a file with a client in each line, who has an open lead
dofile("result.lua")

local BODIES, CLIENTS = 2000, 9999999

local CLIENT_PLACES = 4 -- number, phone, e-mail, messenger

local CHANNELS = {
  "phone", "phone", "walk_in", "whatsapp", "whatsapp", "site_chat", "telegram", "vk", "max",
  "site_order", "site_order", "vin_request", "email", "landing_form", "registration", "crm_task",
}
local ARTICLES = {
  "Колодки тормозные передние", "Фильтр масляный", "Свеча зажигания", "Амортизатор задний",
  "Комплект ГРМ с помпой", "Подшипник ступицы", "Фара левая", "Масло моторное 5W-30, 4 л",
}
local WORDS = {
  "Подойдёт ли это на мою машину? Нужно до выходных.",
  "Здравствуйте, есть ли в наличии и сколько стоит с доставкой?",
  "Перезвоните, пожалуйста, по заказу: хочу добавить ещё две позиции.",
  "Нужны оригинал и хороший аналог, пришлите цены на оба.",
}
local INTENTS = { "sale", "sale", "sale", "sale", "order_question", "return" }
local PAGES = { "/catalog/brakes", "/catalog/filters", "/vin", "/sale", "/contacts" }

local LEAD = '{"channel":"%s","source":"bench","external_id":"@signal","received_at":"%s",'
  .. '"customer":{"external_id":"client-@client","name":"Иван Петров","phone":"+7 900 @client",'
  .. '"email":"client@client@example.org","messengers":{"telegram":"id@client"}},'
  .. '"text":"%s","items":[%s],%s"vin":"XTA21%012d","intent":"%s","paid":%s,'
  .. '"attributes":{"page":"%s","utm_source":"yandex","session":"%08x"}}'
local ITEM = '{"name":"%s","quantity":%d,"price":"%d.50"}'

local path, run, bodies, clients, turn = nil, nil, {}, {}, 0

local function one_of(list)
  return list[math.random(#list)]
end

local function items()
  local list = {}
  for number = 1, math.random(3) do
    list[number] = string.format(ITEM, one_of(ARTICLES), math.random(4), math.random(200, 15000))
  end
  return table.concat(list, ",")
end

-- Few clients say what they would spend, how urgent it is, or until when they need it.
local function wishes(now)
  local list = {}
  if math.random(3) == 1 then
    list[1] = string.format('"budget":"%d.00",', math.random(1000, 90000))
  end
  if math.random(4) == 1 then
    list[#list + 1] = string.format('"urgency":%.2f,', math.random())
  elseif math.random(4) == 1 then
    local needed_by = now + math.random(3600, 7 * 86400)
    list[#list + 1] = os.date('!"needed_by":"%Y-%m-%dT%H:%M:%SZ",', needed_by)
  end
  return table.concat(list)
end

local function body(now)
  local client, received_at = math.random(9999999), now - math.random(600)
  return string.format(LEAD, one_of(CHANNELS), os.date("!%Y-%m-%dT%H:%M:%SZ", received_at),
    one_of(WORDS), items(), wishes(now), client, one_of(INTENTS),
    math.random(10) == 1 and "true" or "false", one_of(PAGES), math.random(2 ^ 31 - 1))
end

local function cut(whole, mark)
  local first, last = string.find(whole, mark, 1, true)
  return string.sub(whole, 1, first - 1), string.sub(whole, last + 1)
end

function init(args)
  path, run = args[1] .. "/leads", args[2]
  wrk.headers["Content-Type"] = "application/json"
  math.randomseed(1)
  local now = os.time()
  for number = 1, BODIES do
    local before_signal, rest = cut(body(now), "@signal")
    local parts = { before_signal }
    for place = 1, CLIENT_PLACES do
      parts[place + 1], rest = cut(rest, "@client")
    end
    parts[CLIENT_PLACES + 2] = rest
    bodies[number] = parts
  end
  math.randomseed(tonumber(run, 16))
  for line in args[3] and io.lines(args[3]) or function() end do
    clients[#clients + 1] = line
  end
end

local function client()
  if #clients > 0 then
    return clients[turn % #clients + 1]
  end
  return string.format("%07d", math.random(CLIENTS))
end

function request()
  turn = turn + 1
  local parts = bodies[turn % BODIES + 1]
  local sent = parts[1] .. run .. "-" .. turn .. table.concat(parts, client(), 2)
  return wrk.format("POST", path, nil, sent)
end
