-- Hands out the function that describes, as data, what the file has said. It is called when the file has ended, and gives the
-- globals the meaning they have while tasks run.
local host = ...
local dsl = sloth_task
local debug, math, next, pairs, select, tostring, type = debug, math, next, pairs, select, tostring, type
sloth_task = nil

local function describe_function(command)
  local call, takes = dsl.callable(command)
  local info = debug.getinfo(command, "S")
  local file = info.source:gsub("^[@=]", "")
  return {t = "f", call = call, takes = takes, file = file, line = info.linedefined, last = info.lastlinedefined}
end

local describe

local function describe_table(value, parents)
  local parent = parents
  while parent do
    if parent.value == value then return {t = "o", what = "a table that contains itself"} end
    parent = parent.up
  end
  local within = {value = value, up = parents}
  local list, keys, values = {}, {}, {}
  local most = 0
  for key in next, value do
    if math.type(key) == "integer" and key > most then most = key end
  end
  if most > 100000 then most = 0 end
  for position = 1, most do list[position] = describe(value[position], within) end
  for _, key in pairs(dsl.sorted_keys(value)) do
    if not (math.type(key) == "integer" and key >= 1 and key <= most) then
      keys[#keys + 1] = tostring(key)
      values[#values + 1] = describe(value[key], within)
    end
  end
  return {t = "t", l = list, k = keys, v = values}
end

-- Scalars as they are; everything else as a table that says what it is.
function describe(value, parents)
  local kind = type(value)
  if kind == "boolean" or kind == "number" or kind == "string" then return value end
  if kind == "nil" then return {t = "n"} end
  if kind == "function" then return describe_function(value) end
  if kind ~= "table" then return {t = "o", what = dsl.kind_of(value)} end
  local record = dsl.record_of(value)
  if record then return {t = "r", id = record.id} end
  return describe_table(value, parents)
end

local function describe_record(record)
  local entries = {}
  for position, entry in pairs(record.entries) do
    local args = {}
    for index = 1, entry.count do args[index] = describe(entry[index]) end
    entries[position] = {
      key = tostring(entry.key),
      form = entry.form,
      file = entry.place.file,
      line = entry.place.line,
      args = args,
    }
  end
  return {
    kind = record.kind,
    name = tostring(record.name),
    file = record.place.file,
    line = record.place.line,
    entries = entries,
  }
end

host.publish(function()
  local records = {}
  for position, record in pairs(dsl.records) do records[position] = describe_record(record) end
  local described = {records = records, problems = dsl.problems, imports = dsl.imports, config = describe(runner_config)}
  dsl.start_running()
  return described
end)
