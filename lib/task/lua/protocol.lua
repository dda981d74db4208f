-- How the functions of a task file are called, and what their results mean.
local dsl = sloth_task
local debug, error, ipairs, math, next, pcall, select = debug, error, ipairs, math, next, pcall, select
local setmetatable, tostring, type = setmetatable, tostring, type
local log, async, shared, await, defer = log, goroutine.async, goroutine.shared, goroutine.await, defer
local now = goroutine.now
local host, failure_of = dsl.host, dsl.failure_of
local keep_state = host.keep_state

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

-- A copy of what is in a parcel: what one task does to it no other sees. What the host kept of an output is data.
local function open_parcel(open, name, added)
  local value = open
  if type(open) == "function" then
    local copied
    -- Whatever limits the task has: it is the output of another.
    copied, value = await(shared(open))
    if not copied then error(("the output of '%s' cannot be handed on: %s"):format(name, message_of(value)), 0) end
  end
  if added == nil then return value end
  local merged = {}
  if type(value) == "table" then
    for key, item in next, value do merged[key] = item end
  else
    merged.value = value
  end
  for key, item in next, added do merged[key] = item end
  return merged
end

-- What ended tasks left comes as arguments, six for each: name, success, message, error, parcel, what is added to it.
local ended_width = 6

local function outputs_of(...)
  local outputs = {}
  for position = 1, select("#", ...), ended_width do
    local name, _, _, _, open, added = select(position, ...)
    outputs[name] = open_parcel(open, name, added)
  end
  return outputs
end

local function results_of(...)
  local results = {}
  for position = 1, select("#", ...), ended_width do
    local name, success, message, problem, open, added = select(position, ...)
    results[name] = {success = success, message = message, error = problem, output = open_parcel(open, name, added)}
  end
  return results
end

-- What the function of a task is given of those before it: outputs, and channels of what they emit.
local function dependencies_of(request, ...)
  local outputs = outputs_of(...)
  for _, name in ipairs(request.streams or {}) do outputs[name] = host.stream(name) end
  return outputs
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

-- What a raised error left: message, traceback.
local function raised(problem)
  if type(problem) ~= "string" then return message_of(problem) or "nil" end
  local message, traceback = problem:match("^(.-)\n(stack traceback:\n.*)$")
  return message or problem, traceback
end

-- Success, message, output as data, traceback, time, output.
local function answer(returned, ...)
  if not returned then
    local message, traceback = raised((...))
    return false, message, nil, traceback, now()
  end
  local success, message, output = interpret(...)
  return success, message, plain(output), nil, now(), parcel(output)
end

-- What a guard said, as the output: true or false.
local function answer_guard(returned, ...)
  if not returned then return answer(false, ...) end
  local said, message = ...
  return true, message_of(message), said and true or false, nil, now()
end

local function emit(value, ...)
  -- `this:emit(v)`
  if select("#", ...) == 1 and type(value) == "table" and value.run_id then value = ... end
  if value == nil then error("cannot emit nil: it would end a range loop", 2) end
  host.emit(value)
end

local this_metatable = {
  __index = function(_, key)
    if key == "emit" then return emit end
  end,
}

local function this_of(request)
  return setmetatable({
    name = request.task,
    workdir = request.workdir,
    attempt = request.attempt,
    run_id = request.run_id,
    idempotency_key = request.idempotency_key,
    interrupted = request.interrupted,
    checkpoint = request.checkpoint,
    state = request.state or {},
    log = log,
  }, this_metatable)
end

-- The folder is made when it is first asked for.
local context_metatable = {
  __index = function(_, key)
    if key == "temp_directory" then return host.temp_directory() end
  end,
}

local function context_of(request, ...)
  return setmetatable({
    run_id = request.run_id,
    workflow = request.workflow,
    stage = request.stage,
    task = request.task,
    attempt = request.attempt,
    params = request.params,
    results = results_of(...),
    last_checkpoint = request.last_checkpoint,
    idempotency_key = request.idempotency_key,
    workdir = request.workdir,
    log = log,
    error = failure_of(request.failure),
  }, context_metatable)
end

-- What a function is called with, by the form of the call.
local arguments = {}

function arguments.command(takes, request, _, ...)
  if takes == "ctx" then
    local context = context_of(request, ...)
    for _, name in ipairs(request.streams or {}) do context.results[name] = {output = host.stream(name)} end
    return context
  end
  if takes == "params" then return request.params, dependencies_of(request, ...) end
  return this_of(request), request.params, dependencies_of(request, ...)
end

arguments.guard = arguments.command

-- pre_hook, and post_hook and on_success with the task's output.
function arguments.hook(takes, request, output)
  if takes == "ctx" then return context_of(request) end
  return this_of(request), request.params, open_parcel(output, request.task, request.added)
end

function arguments.failure(takes, request)
  if takes == "ctx" then return context_of(request), failure_of(request.failure) end
  return this_of(request), request.params, failure_of(request.failure)
end

function arguments.reason(takes, request)
  if takes == "ctx" then return context_of(request), request.reason end
  return this_of(request), request.params, request.reason
end

function arguments.context(_, request, _, ...) return context_of(request, ...), failure_of(request.failure) end

function arguments.complete(_, request, _, ...) return request.success, results_of(...), context_of(request, ...) end

-- Calls the author's function, whose `this.state` the host asks for from time to time.
local function keeping(command, request, outputs)
  local this = this_of(request)
  keep_state(function() return this.state end)
  return command(this, request.params, outputs)
end

-- The function through which the host calls one of a task file's: takes a request, an output, and what ended tasks left, and
-- gives an answer as above. The author's function is a goroutine of its own, so that what it captured decides where it runs,
-- and nothing of this file.
function dsl.callable(command)
  local takes = first_parameter(command)
  takes = (takes == "ctx" or takes == "params") and takes or "this"
  return function(request, ...)
    local rest = request.rest
    if rest then defer(function() rest(now()) end) end
    local interpreted = request.form == "guard" and answer_guard or answer
    if request.keeps_state then
      return interpreted(await(async(keeping, command, request, dependencies_of(request, select(2, ...)))))
    end
    return interpreted(await(async(command, arguments[request.form](takes, request, ...))))
  end, takes
end
