-- `workflow.define(name, {...})`, `workflow(name)`, `workflow{...}`: what runs, and what happens before and after it.
local dsl = sloth_task
local error, ipairs, math, pairs, setmetatable = error, ipairs, math, pairs, setmetatable
local tostring, type = tostring, type

local spec = {setters = {}, later = dsl.set_of [[
  stages error_handling resources security hooks saga tags params metadata workdir env user delegate_to on_abort abort_if
  on_success on_failure on_fail retries timeout condition create_workdir_before_run clean_workdir_after_run
]]}
local setters = spec.setters
local metatable = {__name = "workflow"}

function setters.description(record, place, key, value)
  if dsl.check(record, place, key, value, "string") then record.description = value end
end

function setters.on_start(record, place, key, value)
  if dsl.check(record, place, key, value, "function") then record.on_start = value end
end

function setters.on_complete(record, place, key, value)
  if dsl.check(record, place, key, value, "function") then record.on_complete = value end
end

function setters.version(record, place, key, value)
  if type(value) ~= "string" and type(value) ~= "number" then
    return dsl.expected(record, place, key, "a string", value)
  end
  record.version = tostring(value)
end

-- One entry of `tasks`: a name, a built task, a table that defines one, or, in a map, a function.
local function add_task(record, place, entry, where, name)
  local list = record.tasks
  local task = dsl.record_of(entry)
  if type(entry) == "string" then
    list[#list + 1] = {name = entry, place = place}
  elseif task and task.kind == "task" then
    list[#list + 1] = {id = task.id, name = task.name, place = place}
  elseif type(entry) == "table" and not task then
    local defined = dsl.task_from_table(entry, place, name)
    list[#list + 1] = {id = defined.id, name = defined.name, place = place}
  elseif type(entry) == "function" and name then
    local defined = dsl.task_from_function(name, entry, place)
    list[#list + 1] = {id = defined.id, name = defined.name, place = place}
  else
    dsl.expected(record, place, where, "a task, the name of one, or a table", entry)
  end
end

function setters.tasks(record, place, key, value, ...)
  record.tasks_place = place
  if type(value) == "table" and not dsl.record_of(value) then
    local last = dsl.positions(value)
    for position = 1, last do add_task(record, place, value[position], ("%s[%d]"):format(key, position)) end
    for _, name in ipairs(dsl.sorted_keys(value)) do
      if math.type(name) ~= "integer" or name < 1 then
        add_task(record, place, value[name], ("%s.%s"):format(key, tostring(name)), name)
      end
    end
  else
    for _, entry in ipairs({value, ...}) do add_task(record, place, entry, key) end
  end
end

local config_types = {timeout = "duration", max_parallel_tasks = "number", fail_fast = "boolean"}
local later_config = dsl.set_of "on_task_failure retry_policy workdir cleanup cleanup_on_failure circuit_breaker"
local config_names = dsl.names_of(config_types, later_config)

function setters.config(record, place, key, value)
  if type(value) ~= "table" or dsl.record_of(value) then return dsl.expected(record, place, key, "a table", value) end
  local config = {}
  for name, setting in pairs(record.config) do config[name] = setting end
  for _, name in ipairs(dsl.sorted_keys(value)) do
    local setting, expected = value[name], config_types[name]
    local where = key .. "." .. tostring(name)
    if later_config[name] then
      dsl.problem(place, ("%s: '%s' is not supported yet"):format(dsl.subject(record), where))
    elseif not expected then
      dsl.problem(place, ("%s: unknown setting '%s'"):format(dsl.subject(record), where), tostring(name), config_names)
    elseif type(setting) ~= expected and not (expected == "duration" and (type(setting) == "string" or type(setting) == "number")) then
      dsl.expected(record, place, where, "a " .. expected, setting)
    else
      config[name] = setting
    end
  end
  record.config, record.config_place = config, place
end

spec.names = dsl.names_of(spec.setters, spec.later)

function metatable.__index(builder, key) return dsl.member(builder, key, spec) end

function metatable.__newindex(builder, key)
  local record = dsl.record_of(builder)
  dsl.problem(dsl.here(), ("%s: set it with ':%s(...)'"):format(dsl.subject(record), tostring(key)))
end

function metatable.__tostring(builder) return "workflow: " .. dsl.record_of(builder).name end

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

local function define(name, values)
  local place = dsl.here()
  if type(name) == "table" and not dsl.record_of(name) then name, values = name.name, name end
  local record = {kind = "workflow", name = name, place = place, tasks = {}, config = {}}
  if type(name) == "string" and name:find("%S") then
    local id = #dsl.workflows + 1
    record.id = id
    dsl.workflows[id] = record
  else
    dsl.problem(place, "workflow: the name must be a string that is not blank, got " .. dsl.kind_of(name))
    record.name = "?"
  end
  local builder = dsl.new_builder(record, metatable)
  if values ~= nil then builder(values) end
  return builder
end

local later_calls = dsl.set_of "parallel sequence conditional"

workflow = setmetatable({define = define}, {
  __call = function(_, ...) return define(...) end,
  __index = function(_, key)
    if not later_calls[key] then return nil end
    return function() error(("workflow.%s is not supported yet"):format(key), 2) end
  end,
})

local function later(name)
  return function() error(name .. " is not supported yet", 2) end
end

group, import, export = later("group"), later("import"), later("export")
chain, parallel, when = later("chain"), later("parallel"), later("when")
