-- Failure objects: what handlers get as error.
local dsl = sloth_task
local setmetatable, tostring = setmetatable, tostring

local metatable = {__name = "failure"}

function metatable.__tostring(failure) return failure.message end

function metatable.__concat(left, right) return tostring(left) .. tostring(right) end

-- So that a parameter named `error` does not hide the global's functions.
function metatable.__index(_, key)
  if key == "try" or key == "retry" then return error[key] end
end

function dsl.failure_of(fields)
  if not fields then return nil end
  fields.error = fields.message
  return setmetatable(fields, metatable)
end
