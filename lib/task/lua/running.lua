-- What the globals of a task file are while its tasks run: `task.checkpoint`, `rollback.execute`, `saga`, `export`; `chain`,
-- `parallel` and the like run functions and return results.
local dsl = sloth_task
local collectgarbage, error, goroutine, ipairs, math = collectgarbage, error, goroutine, ipairs, math
local pcall, setmetatable, type = pcall, setmetatable, type
local host, callable, sorted_keys = dsl.host, dsl.callable, dsl.sorted_keys
-- What is no data becomes its name there.
local checkpoint, export_fields, execute_rollback = host.checkpoint, host.export, host.rollback

local original_async = async

local loading = dsl.loading
task, define_task, workflow, group, import = loading.task, loading.define_task, loading.workflow, loading.group, loading.import
chain, parallel, when, export = loading.chain, loading.parallel, loading.when, loading.export
rollback, saga = loading.rollback, loading.saga
values = dsl.freeze_values(host.values)

-- While the file is read, `async.parallel` describes.
async = setmetatable({parallel = loading.parallel}, {__index = original_async})

local function only_loading(name)
  return function() error(name .. " defines; it works while a task file is read, not in a running task", 2) end
end

local running = {}

running.task = setmetatable({
  checkpoint = function(name, data)
    if type(name) ~= "string" then error("bad argument #1 to 'checkpoint' (string expected, got " .. type(name) .. ")", 2) end
    return checkpoint(name, data)
  end,
}, {__call = only_loading "task"})
running.define_task = only_loading "define_task"
running.group = only_loading "group"
running.import = only_loading "import"

function running.export(fields)
  if type(fields) ~= "table" then error("bad argument #1 to 'export' (table expected, got " .. type(fields) .. ")", 2) end
  export_fields(fields)
end

running.rollback = {
  execute = function(checkpoint)
    local name = type(checkpoint) == "table" and checkpoint.id or checkpoint
    if name ~= nil and type(name) ~= "string" then
      error("bad argument #1 to 'execute' (a checkpoint or the name of one expected, got " .. type(name) .. ")", 2)
    end
    return execute_rollback(name)
  end,
}

running.saga = {
  begin = function(name)
    if type(name) ~= "string" then error("bad argument #1 to 'begin' (string expected, got " .. type(name) .. ")", 2) end
    return {name = name, id = host.saga_begin(name)}
  end,
  compensate = function(saga, compensation)
    if type(saga) ~= "table" or not saga.id then error("bad argument #1 to 'compensate' (a saga expected)", 2) end
    if type(compensation) ~= "function" then
      error("bad argument #2 to 'compensate' (function expected, got " .. type(compensation) .. ")", 2)
    end
    host.saga_compensate(saga.id, (callable(compensation)))
  end,
  commit = function(saga)
    if type(saga) ~= "table" or not saga.id then error("bad argument #1 to 'commit' (a saga expected)", 2) end
    host.saga_commit(saga.id)
  end,
}

-- One entry of a list that runs: a function, a command line, or a table with one of them under `command` or `run`.
local function runnable(entry, form)
  local command = entry
  if type(entry) == "table" then command = entry.command or entry.run or entry[1] end
  if type(command) == "string" then
    local line = command
    return function() return host.shell(line) end
  end
  if type(command) ~= "function" then
    error(("%s: a function or a command line expected, got %s"):format(form, type(command)), 3)
  end
  return command
end

-- Runs the entries of a list or map, at most `limit` at a time: results by key, and errors by key or nil.
local function run_all(form, list, limit)
  if type(list) ~= "table" then error(("bad argument #1 to '%s' (table expected, got %s)"):format(form, type(list)), 3) end
  local keys, functions = {}, {}
  for _, key in ipairs(sorted_keys(list)) do
    keys[#keys + 1] = key
    functions[#functions + 1] = runnable(list[key], form)
  end
  local results, errors = {}, nil
  local outcomes = goroutine.parallel{tasks = functions, max_concurrent = limit or math.max(#functions, 1)}
  for position, outcome in ipairs(outcomes) do
    local key = keys[position]
    if outcome.success then
      results[key] = outcome.value
    else
      errors = errors or {}
      errors[key] = outcome.error
    end
  end
  return results, errors
end

local function limit_of(options)
  if type(options) == "number" then return options end
  return type(options) == "table" and options.max_workers or nil
end

function running.parallel(list, options) return run_all("parallel", list, limit_of(options)) end

-- One after the other, up to the first error: results in order, and that error or nil.
function running.chain(list)
  if type(list) ~= "table" then error("bad argument #1 to 'chain' (table expected, got " .. type(list) .. ")", 2) end
  local results = {}
  for position, entry in ipairs(list) do
    local done, result = pcall(runnable(entry, "chain"))
    if not done then return results, result end
    results[position] = result
  end
  return results
end

running.workflow = setmetatable({
  define = only_loading "workflow.define",
  parallel = function(list, options) return run_all("workflow.parallel", list, limit_of(options)) end,
  sequence = running.chain,
}, {__call = only_loading "workflow"})

-- `when(x):then(f):else(g)` calls what it chooses at once and returns what that returns.
function running.when(condition)
  if type(condition) == "string" then error("bad argument #1 to 'when' (boolean or function expected in a running task, got string)", 2) end
  if type(condition) == "function" then condition = condition() end
  local chosen = {}
  local function branch(is_chosen)
    return function(_, action)
      if is_chosen then chosen.result = runnable(action, "when")() end
      return chosen.answer
    end
  end
  chosen.answer = setmetatable({}, {__index = function(_, key)
    if key == "then" then return branch(condition) end
    if key == "else" then return branch(not condition) end
    return key == "result" and chosen.result or nil
  end})
  return chosen.answer
end

function dsl.start_running()
  task, define_task, workflow, group, import = running.task, running.define_task, running.workflow, running.group, running.import
  chain, parallel, when, export = running.chain, running.parallel, running.when, running.export
  rollback, saga = running.rollback, running.saga
  async = original_async
  -- What reads files is garbage now, and must not be found: it could change anything, and no goroutine would leave home.
  dsl.loading, dsl.records, dsl.problems = nil, nil, nil
  collectgarbage()
end
