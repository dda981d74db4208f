-- How a task's function is called, and what its results mean.
local dsl = sloth_task
local debug, error, math, next, pairs, pcall, select = debug, error, math, next, pairs, pcall, select
local setmetatable, tostring, type = setmetatable, tostring, type
local log, async, await = log, goroutine.async, goroutine.await

-- The name of a function's first declared parameter; nil for `...`, for none, and where it was stripped.
local function first_parameter(command)
  local info = debug.getinfo(command, "u")
  return info.nparams > 0 and debug.getlocal(command, 1) or nil
end

-- A value as JavaScript may have it, for reports: what is no data becomes its name. `parents` are the tables around it.
local function plain(value, parents)
  local kind = type(value)
  if kind == "nil" or kind == "boolean" or kind == "number" or kind == "string" then return value end
  if kind ~= "table" then return tostring(value) end
  local parent = parents
  while parent do
    if parent.value == value then return "<circular>" end
    parent = parent.up
  end
  local within = {value = value, up = parents}
  local result = {}
  for key, item in next, value do
    local shown = (type(key) == "string" or math.type(key) == "integer") and key or tostring(key)
    result[shown] = plain(item, within)
  end
  return result
end

local function parcel(value)
  if value == nil then return nil end
  return function() return value end
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

-- A copy of what is in a parcel: what one task does to it no other sees.
local function open_parcel(open, name)
  local copied, value = await(async(open))
  if not copied then error(("the output of '%s' cannot be handed on: %s"):format(name, message_of(value)), 0) end
  return value
end

-- What ended tasks left comes as arguments, five for each: name, success, message, error, parcel.
local ended_width = 5

local function outputs_of(...)
  local outputs = {}
  for position = 1, select("#", ...), ended_width do
    local name, _, _, _, open = select(position, ...)
    outputs[name] = open and open_parcel(open, name)
  end
  return outputs
end

local function results_of(...)
  local results = {}
  for position = 1, select("#", ...), ended_width do
    local name, success, message, problem, open = select(position, ...)
    results[name] = {success = success, message = message, error = problem, output = open and open_parcel(open, name)}
  end
  return results
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

-- Success, message, output as data, output, traceback.
local function answer(returned, ...)
  if not returned then
    local problem = ...
    if type(problem) ~= "string" then return false, message_of(problem) or "nil" end
    local message, traceback = problem:match("^(.-)\n(stack traceback:\n.*)$")
    return false, message or problem, nil, nil, traceback
  end
  local success, message, output = interpret(...)
  if not success and message == nil then message = "the task returned false" end
  return success, message, plain(output), parcel(output)
end

local function later(name)
  return function(_, key)
    if key == "state" or key == "emit" or key == "temp_directory" then
      error(("%s.%s is not supported yet"):format(name, key), 2)
    end
  end
end

local function context_of(request, ...)
  return setmetatable({
    run_id = request.run_id,
    workflow = request.workflow,
    task = request.task,
    attempt = request.attempt,
    params = {},
    results = results_of(...),
    workdir = request.workdir,
    log = log,
  }, {__index = later("ctx")})
end

local function this_of(request)
  local this = {name = request.task, workdir = request.workdir, attempt = request.attempt, log = log}
  return setmetatable(this, {__index = later("this")})
end

-- The function that runs one attempt of a task: takes a request and what ended tasks left, gives an answer as above. The
-- task is a goroutine of its own, so that what it captured decides where it runs, and nothing of this file.
function dsl.body_of(command)
  local takes = first_parameter(command)
  if takes == "ctx" then
    return function(request, ...) return answer(await(async(command, context_of(request, ...)))) end, "ctx"
  end
  if takes == "params" then
    return function(_, ...) return answer(await(async(command, {}, outputs_of(...)))) end, "params"
  end
  return function(request, ...) return answer(await(async(command, this_of(request), {}, outputs_of(...)))) end, "this"
end

function dsl.on_start_of(hook)
  return function(request) hook(context_of(request)) end
end

function dsl.on_complete_of(hook)
  return function(request, success, ...) hook(success, results_of(...), context_of(request, ...)) end
end
