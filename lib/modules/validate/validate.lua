local library = ...
local math_type = library "math.type"
local misuse = library "internal.misuse"
local next = library "_G.next"
local rawlen = library "_G.rawlen"
local tostring = library "_G.tostring"
local type = library "_G.type"

local TYPES <const> = {
  ["nil"] = true, boolean = true, number = true, string = true, table = true, ["function"] = true, thread = true,
  userdata = true, integer = true, float = true, list = true,
}

local validate = {}

function validate.required(value, names)
  for i = 1, #names do
    if value[names[i]] == nil then return false, tostring(names[i]) .. " is missing" end
  end
  return true
end

local function is_list(value)
  local count = 0
  for _ in next, value do count = count + 1 end
  return count == rawlen(value)
end

function validate.type(value, name)
  if not TYPES[name] then misuse("validate.type", 2, "the name of a type expected, got '" .. name .. "'") end
  if type(value) == name or math_type(value) == name then return true end
  if name == "list" and type(value) == "table" and is_list(value) then return true end
  local got = (name == "integer" or name == "float") and math_type(value) or type(value)
  return false, name .. " expected, got " .. got
end

function validate.range(value, least, most)
  if type(value) ~= "number" then return false, "number expected, got " .. type(value) end
  if least and not (value >= least) then
    return false, "a number of at least " .. tostring(least) .. " expected, got " .. tostring(value)
  end
  if most and not (value <= most) then
    return false, "a number of at most " .. tostring(most) .. " expected, got " .. tostring(value)
  end
  return true
end

return validate
