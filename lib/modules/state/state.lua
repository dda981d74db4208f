-- Values are text to the host, so that they come back as they were. A value begins with what it is: nothing for nil, t and f,
-- i123, n0x1p+0 (a float, exactly), s with the bytes, L and T with the length and text of each element, or key and value.
local library, host, class = ...
local atomic = library "goroutine.atomic_int"
local concat = library "table.concat"
local daemon = library "internal.daemon"
local describe = library "internal.describe"
local find = library "string.find"
local format = library "string.format"
local id = library "goroutine.id"
local make = library "channel.make"
local math_type = library "math.type"
local misuse = library "internal.misuse"
local next = library "_G.next"
local pack = library "table.pack"
local pcall = library "_G.pcall"
local error = library "_G.error"
local rawlen = library "_G.rawlen"
local setmetatable = library "_G.setmetatable"
local sub = library "string.sub"
local tointeger = library "math.tointeger"
local tonumber = library "_G.tonumber"
local type = library "_G.type"
local unpack = library "table.unpack"
local within = library "prelude.within"

local put, fetch, fetch_all, remove_all = host "put", host "fetch", host "fetch_all", host "remove_all"
local add, append, swap, expire, expiry = host "add", host "concat", host "swap", host "expire", host "expiry"
local push, pop, count = host "push", host "pop", host "count"
local acquire, release, commit = host "acquire", host "release", host "commit"
local open_watch, next_changes, close_watch, statistics =
  host "open_watch", host "next", host "close_watch", host "statistics"

local DEEPEST <const> = 200

local encode

local function encode_table(name, argument, value, depth)
  if depth > DEEPEST then misuse(name, argument, "a table nested more than " .. DEEPEST .. " deep, or in itself") end
  local parts, size, length = {}, 0, rawlen(value)
  local function part(element)
    local text = encode(name, argument, element, depth + 1)
    size = size + 1
    parts[size] = #text .. ":" .. text
  end
  local elements = 0
  for _ in next, value do elements = elements + 1 end
  if elements == length and length > 0 then
    for i = 1, length do part(value[i]) end
    return "L" .. concat(parts)
  end
  for key, element in next, value do
    part(key)
    part(element)
  end
  return "T" .. concat(parts)
end

function encode(name, argument, value, depth)
  local kind = type(value)
  if kind == "nil" then return "" end
  if kind == "boolean" then return value and "t" or "f" end
  if kind == "string" then return "s" .. value end
  if kind == "number" then
    if math_type(value) == "integer" then return "i" .. format("%d", value) end
    if value ~= value then return "nnan" end
    return "n" .. format("%a", value)
  end
  if kind ~= "table" then misuse(name, argument, "a " .. describe(value) .. " cannot be kept") end
  return encode_table(name, argument, value, depth or 0)
end

local decode

local function decode_parts(text, each)
  local at = 2
  while at <= #text do
    local colon = find(text, ":", at, true)
    local last = colon + tointeger(tonumber(sub(text, at, colon - 1)))
    each(decode(sub(text, colon + 1, last)))
    at = last + 1
  end
end

function decode(text)
  if text == nil or text == "" then return nil end
  local kind, rest = sub(text, 1, 1), sub(text, 2)
  if kind == "s" then return rest end
  if kind == "t" then return true end
  if kind == "f" then return false end
  if kind == "i" then return tointeger(tonumber(rest)) end
  if kind == "n" then
    if rest == "inf" then return 1 / 0 end
    if rest == "-inf" then return -1 / 0 end
    if rest == "nan" then return 0 / 0 end
    return tonumber(rest) + 0.0
  end
  local value, n, key = {}, 0, nil
  if kind == "L" then
    decode_parts(text, function(element)
      n = n + 1
      value[n] = element
    end)
  else
    decode_parts(text, function(element)
      if key == nil then
        key = element
      else
        value[key], key = element, nil
      end
    end)
  end
  return value
end

local state = {}

function state.set(key, value, duration) return put(key, encode("state.set", 2, value), duration) end
state.set_with_ttl = function(key, value, duration) return put(key, encode("state.set_with_ttl", 2, value), duration) end

function state.get(key, default)
  local text = fetch(key)
  if text ~= nil then return decode(text) end
  if default ~= nil then return default end
  return nil, "key not found: " .. key
end

function state.delete(key) return remove_all(key, true) > 0 end
function state.exists(key) return fetch(key) ~= nil end
state.has = state.exists

function state.keys(prefix)
  local pairs_of, values = fetch_all(prefix or ""), {}
  for i = 1, #pairs_of, 2 do values[pairs_of[i]] = decode(pairs_of[i + 1]) end
  return values
end

function state.clear(prefix) return remove_all(prefix or "", false) end

function state.increment(key, amount) return decode(add(key, encode("state.increment", 2, amount or 1))) end

function state.decrement(key, amount)
  amount = amount or 1
  return decode(add(key, encode("state.decrement", 2, -amount)))
end

function state.append(key, text) return decode(append(key, text)) end

function state.compare_swap(key, old, new)
  return swap(key, encode("state.compare_swap", 2, old), encode("state.compare_swap", 3, new))
end

function state.set_ttl(key, duration) return expire(key, duration) end
function state.get_ttl(key) return expiry(key) end

function state.list_push(key, ...)
  local values = pack(...)
  for i = 1, values.n do
    if values[i] == nil then misuse("state.list_push", i + 1, "a value expected, got nil") end
    values[i] = encode("state.list_push", i + 1, values[i])
  end
  return push(key, unpack(values, 1, values.n))
end

function state.list_pop(key, side) return decode(pop(key, side)) end
function state.list_length(key) return count(key) end

local Held <const> = {__close = function(held) release(held.name, held.token) end}
local last_token = 0

function state.with_lock(name, f, timeout)
  last_token = last_token + 1
  -- Made here, so that the lock is let go even if the answer of the host reaches nobody any more.
  local held <close> = setmetatable({name = name, token = id() .. "." .. last_token}, Held)
  local limit, ctx = within.parts("state.with_lock", 3, "timeout", timeout)
  local in_time, is_ours = within.call(ctx, acquire, name, limit, held.token)
  if not in_time then return nil, is_ours end
  if not is_ours then return nil, "timeout" end
  return f()
end

function state.lock(name, timeout)
  local limit, ctx = within.parts("state.lock", 2, "timeout", timeout)
  if not ctx then
    if acquire(name, limit) then return true end
    return false, "timeout"
  end
  last_token = last_token + 1
  local token = id() .. "." .. last_token
  local in_time, is_ours = within.call(ctx, acquire, name, limit, token)
  if in_time and is_ours then return true end
  -- It may have come when nobody waited any more.
  release(name, token)
  return false, in_time and "timeout" or is_ours
end

function state.try_lock(name) return acquire(name, 0) end
function state.unlock(name) return release(name) end

local Transaction = class "transaction"
Transaction.__index = {
  get = function(tx, key, default)
    local text = tx.writes[key]
    if text == nil then
      text = tx.texts[key]
      if text == nil then
        local seq
        text, seq = fetch(key, true)
        text = text or ""
        tx.texts[key], tx.reads[key] = text, seq
      end
    end
    local value = decode(text)
    if value == nil then return default end
    return value
  end,
  set = function(tx, key, value, duration)
    tx.writes[key], tx.durations[key] = encode("set", 2, value), duration
    return true
  end,
  delete = function(tx, key)
    tx.writes[key], tx.durations[key] = "", nil
    return true
  end,
}

function state.transaction(f)
  for _ = 1, 100 do
    local tx = setmetatable({reads = {}, texts = {}, writes = {}, durations = {}}, Transaction)
    local results = pack(f(tx))
    if commit(tx.reads, tx.writes, tx.durations) then return unpack(results, 1, results.n) end
  end
  error("state.transaction: others changed what it read, 100 times", 2)
end

local Watch = class "watch"
Watch.__index = {close = function(watch) return close_watch(watch.id) end}
Watch.__close = Watch.__index.close

local Guard <const> = {__close = function(guard) close_watch(guard.id) end}

local function pump(id, changes)
  local guard <close> = setmetatable({id = id}, Guard)
  while true do
    local list = next_changes(id)
    if not list then return end
    for i = 1, #list, 2 do changes:send({key = list[i], value = decode(list[i + 1])}) end
  end
end

function state.watch(prefix)
  local id = open_watch(prefix or "")
  local changes = make(1024)
  daemon({atomic(1), changes}, pump, id, changes)
  return setmetatable({id = id, changes = changes:as_receiver()}, Watch)
end

function state.stats() return statistics() end

return state
