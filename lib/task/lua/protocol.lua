-- How a task's function is called, and what its results mean. What is made here runs wherever goroutines run, so it
-- captures nothing but the function, its name and other functions.
local dsl = package.loaded["sloth.task"]

-- The name of a function's first declared parameter; nil for `...`, for none, and where it was stripped.
local function first_parameter(command)
  local info = debug.getinfo(command, "u")
  return info.nparams > 0 and debug.getlocal(command, 1) or nil
end

local function copy(value, seen)
  if type(value) ~= "table" then return value end
  if seen[value] then return seen[value] end
  local result = {}
  seen[value] = result
  for key, item in next, value do result[copy(key, seen)] = copy(item, seen) end
  return setmetatable(result, debug.getmetatable(value))
end

-- A value as JavaScript may have it, for reports: what is no data becomes its name.
local function plain(value, seen)
  local kind = type(value)
  if kind == "nil" or kind == "boolean" or kind == "number" or kind == "string" then return value end
  if kind ~= "table" then return tostring(value) end
  if seen[value] then return "<circular>" end
  seen[value] = true
  local result = {}
  for key, item in next, value do
    local shown = (type(key) == "string" or math.type(key) == "integer") and key or tostring(key)
    result[shown] = plain(item, seen)
  end
  seen[value] = nil
  return result
end

local function parcel(value)
  if value == nil then return nil end
  return function() return value end
end

local function open_parcels(parcels)
  local values = {}
  for name, open in pairs(parcels) do values[name] = copy(open(), {}) end
  return values
end

local function field(object, key)
  local found, value = pcall(function() return object[key] end)
  if found then return value end
end

local function message_of(value)
  if value == nil or type(value) == "string" then return value end
  local message = type(value) == "table" and (field(value, "message") or field(value, "error"))
  return type(message) == "string" and message or tostring(value)
end

local function last_line(text)
  return type(text) == "string" and text:match("([^\n]+)%s*$") or nil
end

-- Success, message, output.
local function interpret(...)
  local count = select("#", ...)
  local first, second, third = ...
  if type(first) == "boolean" then
    if first and third == nil and type(second) == "table" then return true, nil, second end
    return first, message_of(second), third
  end
  if first == nil then
    if second == nil then return true end
    return false, message_of(second), third
  end
  if type(first) == "table" or type(first) == "userdata" then
    local success = field(first, "success")
    if type(success) == "boolean" then
      local message = field(first, "message") or field(first, "error") or last_line(field(first, "stderr"))
      local output = field(first, "output")
      if output == nil then output = first end
      return success, message_of(message), output
    end
  end
  return true, nil, first
end

-- What xpcall makes of an error: the traceback is gone when it returns. Level 3, because xpcall calls this from C.
local function caught(problem)
  return {message = message_of(problem) or "nil", traceback = debug.traceback(nil, 3)}
end

-- Success, message, output as data, output, traceback.
local function answer_to(success, message, output)
  if not success and message == nil then message = "the task returned false" end
  return success, message, plain(output, {}), parcel(output)
end

local function answer(returned, ...)
  if returned then return answer_to(interpret(...)) end
  local failure = ...
  if type(failure) ~= "table" then return false, tostring(failure) end
  return false, failure.message, nil, nil, failure.traceback
end

local function later(name)
  return function(_, key)
    if key == "state" or key == "emit" or key == "temp_directory" then
      error(("%s.%s is not supported yet"):format(name, key), 2)
    end
  end
end

local function results_of(entries)
  local results = {}
  for name, entry in pairs(entries) do
    results[name] = {
      success = entry.success,
      message = entry.message,
      error = entry.error,
      output = entry.parcel and copy(entry.parcel(), {}),
    }
  end
  return results
end

local function context_of(request)
  return setmetatable({
    run_id = request.run_id,
    workflow = request.workflow,
    task = request.task,
    attempt = request.attempt,
    params = {},
    results = results_of(request.results),
    workdir = request.workdir,
    log = log,
  }, {__index = later("ctx")})
end

local function this_of(request)
  local this = {name = request.task, workdir = request.workdir, attempt = request.attempt, log = log}
  return setmetatable(this, {__index = later("this")})
end

-- The function that runs one attempt of a task: takes a request, gives an answer as above.
function dsl.body_of(command)
  local takes = first_parameter(command)
  if takes == "ctx" then
    return function(request) return answer(xpcall(command, caught, context_of(request))) end, "ctx"
  end
  if takes == "params" then
    return function(request) return answer(xpcall(command, caught, {}, open_parcels(request.deps))) end, "params"
  end
  return function(request)
    return answer(xpcall(command, caught, this_of(request), {}, open_parcels(request.deps)))
  end, "this"
end

function dsl.on_start_of(hook)
  return function(request) hook(context_of(request)) end
end

function dsl.on_complete_of(hook)
  return function(request, success) hook(success, results_of(request.results), context_of(request)) end
end
