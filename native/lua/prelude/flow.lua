-- Channels behind channels. Each function starts daemons that carry values on, and returns channels that can be received
-- from. When the last of those who fill a channel has ended, however it ended, the channel closes, so that nobody waits there
-- for ever.
local library = ...
local atomic = library "goroutine.atomic_int"
local check = library "prelude.check"
local daemon = library "internal.daemon"
local make = library "channel.make"
local pcall = library "_G.pcall"
local select = library "channel.select"
local tostring = library "_G.tostring"
local type = library "_G.type"

local flow = {}

-- From one channel to another.
local function carry(input, output)
  for value in input:range() do output:send(value) end
end

local function join(name, list, options)
  local inputs, count = check.sources(name, 1, list)
  local output = make(check.buffer(name, 2, options))
  local closes = {atomic(count), output}
  for i = 1, count do daemon(closes, carry, inputs[i], output) end
  return output:as_receiver()
end

function flow.fan_in(list, options) return join("fan_in", list, options) end
function flow.merge(list, options) return join("merge", list, options) end

-- Each value to one of the outputs: they take turns, but for those that have no room.
local function deal(input, outputs)
  local count, turn = #outputs, 0
  for value in input:range() do
    turn = turn % count + 1
    if not outputs[turn]:try_send(value) then
      local cases = {}
      for i = 1, count do cases[i] = {"<-|", outputs[i], value} end
      select(cases)
    end
  end
end

-- Each value to every output.
local function copy(input, outputs)
  for value in input:range() do
    for i = 1, #outputs do outputs[i]:send(value) end
  end
end

local function split(name, carrier, input, count, options)
  check.source(name, 1, "", input)
  count = check.crowd(name, 2, "", count)
  local buffer = check.buffer(name, 3, options)
  local closes, outputs, receivers = {atomic(1)}, {}, {}
  for i = 1, count do
    local output = make(buffer)
    closes[i + 1], outputs[i], receivers[i] = output, output, output:as_receiver()
  end
  daemon(closes, carrier, input, outputs)
  return receivers
end

function flow.fan_out(input, count, options) return split("fan_out", deal, input, count, options) end
function flow.broadcast(input, count, options) return split("broadcast", copy, input, count, options) end

local ERRORS_KEPT <const> = 1024

-- Tells of a value that a stage failed for. Never waits; when nobody takes errors away, further ones are dropped.
local function report(errors, stage, value, problem)
  if pcall(errors.try_send, errors, {stage = stage, value = value, error = problem}) then return end
  -- The value or the error cannot be copied.
  local told, text = pcall(tostring, problem)
  pcall(errors.try_send, errors, {stage = stage, error = told and text or "an error that cannot be shown"})
end

local function step(output, f, ...)
  local result = f(...)
  if result ~= nil then output:send(result) end
end

-- One worker of a stage.
local function work(stage, input, output, errors, f, retries, on_error)
  for value in input:range() do
    local done, problem = pcall(step, output, f, value)
    for _ = 1, retries do
      if done then break end
      done, problem = pcall(step, output, f, value)
    end
    if not done and on_error then done, problem = pcall(step, output, on_error, problem, value) end
    if not done then report(errors, stage, value, problem) end
  end
end

local STAGE <const> = {"fn", "workers", "retries", "on_error"}

-- A stage's fields, checked.
local function read_stage(entry, what)
  if type(entry) == "function" then return {fn = entry, workers = 1, retries = 0} end
  local given = check.options("pipeline", 2, what, STAGE, entry)
  local stage = {
    fn = check.is_a("pipeline", 2, what .. ", 'fn'", "function", given.fn),
    workers = 1,
    retries = 0,
    on_error = given.on_error,
  }
  if given.workers ~= nil then stage.workers = check.crowd("pipeline", 2, what .. ", 'workers'", given.workers) end
  if given.retries ~= nil then stage.retries = check.count("pipeline", 2, what .. ", 'retries'", 0, given.retries) end
  if stage.on_error ~= nil then check.is_a("pipeline", 2, what .. ", 'on_error'", "function", stage.on_error) end
  return stage
end

function flow.pipeline(input, stages, options)
  check.source("pipeline", 1, "", input)
  check.is_a("pipeline", 2, "", "table", stages)
  local count, workers, read = #stages, 0, {}
  check.count("pipeline", 2, "the number of stages", 1, count)
  for i = 1, count do
    read[i] = read_stage(stages[i], "stage " .. i)
    workers = workers + read[i].workers
  end
  local buffer = check.buffer("pipeline", 3, options)
  local errors, running = make(ERRORS_KEPT), atomic(workers)
  for i = 1, count do
    local stage = read[i]
    local output = make(buffer)
    local closes = {atomic(stage.workers), output, running, errors}
    for _ = 1, stage.workers do
      daemon(closes, work, i, input, output, errors, stage.fn, stage.retries, stage.on_error)
    end
    input = output
  end
  return input:as_receiver(), errors:as_receiver()
end

return flow
