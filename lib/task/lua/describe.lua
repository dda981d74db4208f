-- Hands out the function that describes, as data, what the file has defined. It is called when the file has ended.
local publish = ...
local dsl = sloth_task
local ipairs, type = ipairs, type
sloth_task = nil

local function references(list)
  local described = {}
  for position, entry in ipairs(list) do
    described[position] = {id = entry.id, name = entry.name, file = entry.place.file, line = entry.place.line}
  end
  return described
end

local function describe_task(record)
  local body, takes
  if type(record.command) == "function" then body, takes = dsl.body_of(record.command) end
  return {
    id = record.id,
    name = record.name,
    file = record.place.file,
    line = record.place.line,
    description = record.description,
    body = body,
    takes = takes,
    shell = type(record.command) == "string" and record.command or nil,
    commandLine = record.command_place and record.command_place.line,
    dependsOn = references(record.depends_on),
    timeout = record.timeout,
    timeoutLine = record.timeout_place and record.timeout_place.line,
  }
end

local function describe_workflow(record)
  return {
    id = record.id,
    name = record.name,
    file = record.place.file,
    line = record.place.line,
    description = record.description,
    version = record.version,
    tasks = references(record.tasks),
    config = record.config,
    configLine = record.config_place and record.config_place.line,
    onStart = record.on_start and dsl.on_start_of(record.on_start),
    onComplete = record.on_complete and dsl.on_complete_of(record.on_complete),
  }
end

local function map(list, describe)
  local described = {}
  for position, record in ipairs(list) do described[position] = describe(record) end
  return described
end

publish(function()
  if runner_config ~= nil then
    dsl.problem({file = "", line = 0}, "runner_config is not supported yet")
  end
  return {
    tasks = map(dsl.tasks, describe_task),
    workflows = map(dsl.workflows, describe_workflow),
    problems = dsl.problems,
  }
end)
