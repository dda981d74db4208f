-- What a prompt evaluates lines with. Returns three functions: one that evaluates a text and tells the result, one that
-- completes a name, one that waits until something was typed.
local load, pcall, xpcall, tostring, type, next, rawget = load, pcall, xpcall, tostring, type, next, rawget
local traceback, pack, concat, sort = debug.traceback, table.pack, table.concat, table.sort
local format, match, math_type, getmetatable = string.format, string.match, math.type, debug.getmetatable

local max_items, max_depth = 40, 4

local function is_name(key) return type(key) == "string" and match(key, "^[%a_][%w_]*$") end

local show

local function show_key(key, depth)
  if is_name(key) then return key end
  return "[" .. show(key, depth, {}) .. "]"
end

-- Names in order, then numbers in order, then the rest.
local function before(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta == "string" or (ta == "number" and tb ~= "string") end
  if ta == "string" or ta == "number" then return a < b end
  return tostring(a) < tostring(b)
end

local function show_table(value, depth, open)
  if open[value] then return "{...}" end
  if depth >= max_depth then return "{ ... }" end
  open[value] = true
  local parts, length = {}, 0
  while rawget(value, length + 1) ~= nil do
    length = length + 1
    if length <= max_items then parts[length] = show(rawget(value, length), depth + 1, open) end
  end
  local keys = {}
  for key in next, value do
    local is_index = math_type(key) == "integer" and key >= 1 and key <= length
    if not is_index then keys[#keys + 1] = key end
  end
  sort(keys, before)
  for index, key in next, keys do
    if #parts >= max_items then break end
    parts[#parts + 1] = show_key(keys[index], depth + 1) .. " = " .. show(rawget(value, key), depth + 1, open)
  end
  local left = length + #keys - #parts
  if left > 0 then parts[#parts + 1] = "... " .. left .. " more" end
  open[value] = nil
  return #parts == 0 and "{}" or "{" .. concat(parts, ", ") .. "}"
end

function show(value, depth, open)
  if type(value) == "string" and depth > 0 then return (format("%q", value):gsub("\\\n", "\\n")) end
  local metatable = getmetatable(value)
  if type(value) == "table" and not (metatable and rawget(metatable, "__tostring")) then
    return show_table(value, depth, open)
  end
  local ok, text = pcall(tostring, value)
  return ok and text or "<" .. type(value) .. " that cannot be shown>"
end

local function shown(results)
  local parts = {}
  for index = 1, results.n do
    local value = results[index]
    parts[index] = type(value) == "string" and format("%q", value):gsub("\\\n", "\\n") or show(value, 0, {})
  end
  return concat(parts, "\t")
end

-- A statement may end where more could come: then the prompt asks for more.
local function is_incomplete(message) return match(message, "near <eof>$") ~= nil end

local function compile(text)
  local chunk = load("return " .. text, "=repl")
  if chunk then return chunk end
  return load(text, "=repl")
end

local function evaluate(text, tell)
  local chunk, message = compile(text)
  if not chunk then return tell(is_incomplete(message) and "incomplete" or "syntax", message) end
  local results = pack(xpcall(chunk, function(err)
    return (traceback(tostring(err), 2):gsub("\n%s+%[C%]: in function 'xpcall'.*", ""))
  end))
  if not results[1] then return tell("error", tostring(results[2])) end
  local values = {n = results.n - 1}
  for index = 1, values.n do values[index] = results[index + 1] end
  tell("values", values.n > 0 and shown(values) or "")
end

local function fields_of(value, visit)
  if type(value) == "table" then
    for key in next, value do visit(key) end
  end
  local metatable = getmetatable(value)
  local index = type(metatable) == "table" and rawget(metatable, "__index")
  if type(index) == "table" then
    for key in next, index do visit(key) end
  end
end

-- What `text` can go on with: names behind its last dot or colon.
local function complete(text)
  local path, last = match(text, "^(.-)([%a_]?[%w_]*)$")
  local value = _G
  for name in path:gmatch("[%a_][%w_]*") do
    if type(value) ~= "table" then return {} end
    value = rawget(value, name)
  end
  local found = {}
  fields_of(value, function(key)
    if is_name(key) and key:sub(1, #last) == last then found[#found + 1] = path .. key end
  end)
  sort(found)
  return found
end

-- Somebody may still type what wakes a goroutine: as long as `typed` has not answered, nobody waits for ever.
local function wait_for(typed) typed() end

return evaluate, complete, wait_for
