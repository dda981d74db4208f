-- `task(name)`, `task{...}`, `task "name" {...}` and `define_task{...}`.
local dsl = sloth_task
local error, ipairs, setmetatable, tostring, type = error, ipairs, setmetatable, tostring, type

local spec = {setters = {}, later = dsl.set_of [[
  tags priority params consumes artifacts retries run_if abort_if condition pre_hook post_hook pre_exec post_exec
  on_success on_failure on_fail on_timeout on_skip hooks async circuit rate_limit resources workdir env user uses
  delegate_to saga compensate inputs outputs cache next_if_fail shell
]]}
local setters = spec.setters
local metatable = {__name = "task"}

function setters.description(record, place, key, value)
  if dsl.check(record, place, key, value, "string") then record.description = value end
end

function setters.command(record, place, key, value)
  record.command_place = place
  if dsl.record_of(value) or (type(value) ~= "function" and type(value) ~= "string") then
    return dsl.expected(record, place, key, "a function or a shell command", value)
  end
  record.command = value
end
setters.run = setters.command

function setters.depends_on(record, place, key, value, ...)
  local list = (type(value) == "table" and not dsl.record_of(value)) and value or {value, ...}
  for position = 1, dsl.positions(list) do
    local dependency = list[position]
    local other = dsl.record_of(dependency)
    if type(dependency) == "string" then
      record.depends_on[#record.depends_on + 1] = {name = dependency, place = place}
    elseif other and other.kind == "task" then
      record.depends_on[#record.depends_on + 1] = {id = other.id, name = other.name, place = place}
    else
      dsl.expected(record, place, key, "names or built tasks", dependency)
    end
  end
end

function setters.timeout(record, place, key, value)
  if type(value) ~= "string" and type(value) ~= "number" then
    return dsl.expected(record, place, key, "a duration", value)
  end
  record.timeout, record.timeout_place = value, place
end

spec.names = dsl.names_of(spec.setters, spec.later)

function metatable.__index(builder, key) return dsl.member(builder, key, spec) end

function metatable.__newindex(builder, key)
  local record = dsl.record_of(builder)
  dsl.problem(dsl.here(), ("%s: set it with ':%s(...)'"):format(dsl.subject(record), tostring(key)))
end

function metatable.__tostring(builder) return "task: " .. dsl.record_of(builder).name end

-- `task "name" { ... }`
function metatable.__call(builder, values)
  local record = dsl.record_of(builder)
  local place = dsl.here()
  if type(values) ~= "table" or dsl.record_of(values) then
    dsl.problem(place, ("%s: a table expected, got %s"):format(dsl.subject(record), dsl.kind_of(values)))
  else
    dsl.apply_table(record, values, spec, place, {name = true})
  end
  return builder
end

-- A new task; without a usable name it exists only to be complained about.
local function new_record(name, place)
  local record = {kind = "task", name = name, place = place, depends_on = {}}
  if type(name) == "string" and name:find("%S") then
    local id = #dsl.tasks + 1
    record.id = id
    dsl.tasks[id] = record
  else
    dsl.problem(place, "task: the name must be a string that is not blank, got " .. dsl.kind_of(name))
    record.name = "?"
  end
  record.builder = dsl.new_builder(record, metatable)
  return record
end

-- A task from a table; `name` stands in where the table has none. A built task under `command` is that task, or, under
-- another name, a copy of it.
function dsl.task_from_table(values, place, name)
  local base = dsl.record_of(values.command)
  name = values.name or name or (base and base.name)
  local record = base and base.name == name and base or new_record(name, place)
  if base and base ~= record then
    record.command, record.command_place = base.command, base.command_place
    record.description, record.timeout, record.timeout_place = base.description, base.timeout, base.timeout_place
    for _, dependency in ipairs(base.depends_on) do record.depends_on[#record.depends_on + 1] = dependency end
  end
  dsl.apply_table(record, values, spec, place, {name = true, command = base ~= nil})
  return record
end

function dsl.task_from_function(name, command, place)
  local record = new_record(name, place)
  setters.command(record, place, "command", command)
  return record
end

local function define(name, values)
  local place = dsl.here()
  if type(name) == "table" and not dsl.record_of(name) then return dsl.task_from_table(name, place).builder end
  local builder = new_record(name, place).builder
  if values ~= nil then builder(values) end
  return builder
end

function define_task(...) return define(...) end

local runtime_calls = dsl.set_of "checkpoint"

task = setmetatable({}, {
  __call = function(_, ...) return define(...) end,
  __index = function(_, key)
    if not runtime_calls[key] then return nil end
    return function() error(("task.%s is not supported yet"):format(key), 2) end
  end,
})
