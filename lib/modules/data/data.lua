-- Tables, and batches of a file that the host reads piece by piece.
local library, host = ...
local error = library "_G.error"
local gmatch = library "string.gmatch"
local match = library "string.match"
local misuse = library "internal.misuse"
local next = library "_G.next"
local select = library "_G.select"
local setmetatable = library "_G.setmetatable"
local sub = library "string.sub"
local tointeger = library "math.tointeger"
local tostring = library "_G.tostring"
local tonumber = library "_G.tonumber"
local type = library "_G.type"

local open_batches, next_batch, close_batches = host "open_batches", host "next_batch", host "close_batches"

local DEEPEST <const> = 200

local data = {}

local function is_list(value)
  if value[1] ~= nil then return true end
  return false
end

local function copy(value, depth)
  if type(value) ~= "table" then return value end
  if depth > DEEPEST then error("a table is nested more than 200 deep, or in itself", 0) end
  local made = {}
  for key, element in next, value do made[key] = copy(element, depth + 1) end
  return made
end

local function merge(into, from, depth)
  if depth > DEEPEST then error("a table is nested more than 200 deep, or in itself", 0) end
  for key, value in next, from do
    local before = into[key]
    if type(value) == "table" and type(before) == "table" and not is_list(value) and not is_list(before) then
      merge(before, value, depth + 1)
    else
      into[key] = copy(value, depth)
    end
  end
end

function data.deep_merge(...)
  local merged = {}
  for i = 1, select("#", ...) do merge(merged, (select(i, ...)), 0) end
  return merged
end

function data.flatten(value, separator)
  separator = separator or "."
  local flat = {}
  local function visit(element, path, depth)
    if type(element) ~= "table" or next(element) == nil then
      flat[path] = element
      return
    end
    if depth > DEEPEST then error("a table is nested more than 200 deep, or in itself", 0) end
    for key, below in next, element do visit(below, path == "" and tostring(key) or path .. separator .. tostring(key), depth + 1) end
  end
  for key, element in next, value do visit(element, tostring(key), 1) end
  return flat
end

-- A whole number as text is a position.
local function key_of(text) return tointeger(tonumber(text)) or text end

local function split(text, separator)
  local parts, at = {}, 1
  while true do
    local first, last
    for position = at, #text - #separator + 1 do
      if sub(text, position, position + #separator - 1) == separator then
        first, last = position, position + #separator - 1
        break
      end
    end
    parts[#parts + 1] = key_of(sub(text, at, first and first - 1 or #text))
    if not first then return parts end
    at = last + 1
  end
end

local function set(value, parts, new, name)
  for i = 1, #parts - 1 do
    local below = value[parts[i]]
    if below == nil then
      below = {}
      value[parts[i]] = below
    end
    if type(below) ~= "table" then
      misuse(name, 2, "a table expected at '" .. tostring(parts[i]) .. "', got " .. type(below))
    end
    value = below
  end
  value[parts[#parts]] = new
end

function data.unflatten(flat, separator)
  separator = separator or "."
  if separator == "" then misuse("data.unflatten", 2, "a separator expected that is not empty") end
  local value = {}
  for path, element in next, flat do
    set(value, type(path) == "string" and split(path, separator) or {path}, copy(element, 0), "data.unflatten")
  end
  return value
end

local function parts_of(path, name)
  local parts = {}
  for word, index in gmatch(path, "([^%.%[%]]*)%[?(%-?%d*)%]?%.?") do
    if word ~= "" then parts[#parts + 1] = word end
    if index ~= "" then parts[#parts + 1] = tointeger(tonumber(index)) end
  end
  if #parts == 0 then misuse(name, 2, "a path such as 'a.b[2]' expected, got '" .. path .. "'") end
  return parts
end

function data.get_path(value, path, default)
  local parts = parts_of(path, "data.get_path")
  for i = 1, #parts do
    if type(value) ~= "table" then return default end
    local below = value[parts[i]]
    if below == nil and type(parts[i]) == "string" then below = value[key_of(parts[i])] end
    value = below
  end
  if value == nil then return default end
  return value
end

function data.set_path(value, path, new)
  set(value, parts_of(path, "data.set_path"), new, "data.set_path")
  return value
end

local Guard <const> = {__close = function(guard) close_batches(guard.id) end}

function data.batches(path, size, options)
  if size < 1 then misuse("data.batches", 2, "integer of at least 1 expected, got " .. size) end
  local id = open_batches(path, size, options)
  return function() return next_batch(id) end, nil, nil, setmetatable({id = id}, Guard)
end

return data
