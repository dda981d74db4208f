-- The globals with which a task file defines tasks, workflows and what lies between. They note what is said, in records.
local dsl = sloth_task
local error, select, setmetatable, type = error, select, setmetatable, type

-- `task(name)`, `task{name = ..., ...}`, `task "name" {...}`; the same for the other kinds that have a name.
local function definer(kind)
  return function(name, values, ...)
    local place = dsl.here()
    if type(name) == "table" and not dsl.record_of(name) then name, values = name.name, name end
    local builder, record = dsl.new_builder(kind, name, place)
    if type(name) ~= "string" or not name:find("%S") then
      dsl.problem(place, kind .. ": the name must be a string that is not blank, got " .. dsl.kind_of(name))
      record.name = "?"
    end
    if kind == "group" and values ~= nil then
      dsl.note(record, "tasks", "method", place, values, ...)
    elseif values ~= nil then
      builder(values)
    end
    return builder
  end
end

-- A form that describes an order of tasks: `chain{...}`, `workflow.parallel({...}, {...})`.
local function describer(kind)
  return function(...)
    local place = dsl.here()
    local builder, record = dsl.new_builder(kind, kind, place)
    dsl.note(record, "tasks", "method", place, ...)
    return builder
  end
end

local define_task, define_workflow = definer "task", definer "workflow"

-- What is there only while tasks run. It raises here, since a file that is read runs no task.
local function only_running(name)
  return function() error(name .. " works in a running task or hook; a task file that is read only describes", 2) end
end

-- The globals while the file is read.
dsl.loading = {
  task = setmetatable({checkpoint = only_running "task.checkpoint"}, {__call = function(_, ...) return define_task(...) end}),
  define_task = function(...) return define_task(...) end,
  workflow = setmetatable({
    define = function(...) return define_workflow(...) end,
    parallel = describer "parallel",
    sequence = describer "chain",
    conditional = function() error("workflow.conditional is not supported; write when(condition):then(a):else(b)", 2) end,
  }, {__call = function(_, ...) return define_workflow(...) end}),
  group = definer "group",
  chain = describer "chain",
  parallel = describer "parallel",
  when = function(...)
    local place = dsl.here()
    local builder, record = dsl.new_builder("when", "when", place)
    if select("#", ...) ~= 1 then dsl.problem(place, "when: one condition expected, got " .. select("#", ...)) end
    dsl.note(record, "condition", "method", place, (...))
    return builder
  end,
  export = only_running "export",
  rollback = {execute = only_running "rollback.execute"},
  saga = {
    begin = only_running "saga.begin",
    compensate = only_running "saga.compensate",
    commit = only_running "saga.commit",
  },
}
