-- The frozen table `values`.
local dsl = sloth_task
local error, math, next, pairs = error, math, next, pairs
local setmetatable, tonumber, tostring, type = setmetatable, tonumber, tostring, type

-- Eager, and with plain tables only, so that goroutines get copies of it.
local function freeze(data, path)
  local shadow = {}
  for key, value in pairs(data) do
    shadow[key] = type(value) == "table" and freeze(value, path .. "." .. tostring(key)) or value
  end
  return setmetatable({}, {
    __index = shadow,
    __newindex = function(_, key) error(("%s.%s cannot be set: values come from --values and --set"):format(path, tostring(key)), 2) end,
    __len = function() return #shadow end,
    __pairs = function() return next, shadow, nil end,
    __name = path,
  }), shadow
end

-- `values`: what --values and --set gave, and `values.need(path)`.
function dsl.freeze_values(data)
  local top, shadow = freeze(data, "values")
  function shadow.need(path)
    if type(path) ~= "string" then error("bad argument #1 to 'need' (string expected, got " .. type(path) .. ")", 2) end
    local found = top
    for name in path:gmatch("[^.]+") do
      if type(found) == "table" then found = found[math.tointeger(tonumber(name)) or name] else found = nil end
    end
    if found == nil then
      error(("the value '%s' is missing: give it with --set %s=... or in a file of --values"):format(path, path), 2)
    end
    return found
  end
  return top
end
