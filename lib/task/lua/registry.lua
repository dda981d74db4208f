-- What a task file has defined so far. Nothing is judged here: every definition is a record of what was said and where, and is
-- checked when the file has ended, so that everything that is wrong is shown at once.
--
-- The files of this folder run one after the other and share `sloth_task`, a global only until the last of them has run.
-- (Not an entry of package.loaded: through that table _G is reached, and then nothing is certain about any global.)
local host = ...
local dsl = {records = {}, problems = {}, host = host}
sloth_task = dsl

-- What these files use of Lua is theirs: a script may do with the global names what it likes.
local debug, pairs, rawget, select = debug, pairs, rawget, select
local setmetatable, table, tostring, type = setmetatable, table, tostring, type

local own_chunks = "^=%[task "

-- Where the file being read stands: the innermost line that is not of this library.
function dsl.here()
  for level = 2, 100 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.what ~= "C" and not info.source:find(own_chunks) then
      return {file = info.source:gsub("^[@=]", ""), line = info.currentline}
    end
  end
  return {file = "?", line = 0}
end

function dsl.problem(place, message)
  local problems = dsl.problems
  problems[#problems + 1] = {file = place.file, line = place.line, message = message}
end

local articles = {["nil"] = "nil", number = "a number", boolean = "a boolean", string = "a string", table = "a table"}

-- A value as error messages call it.
function dsl.kind_of(value)
  local record = dsl.record_of(value)
  if record then return "the " .. record.kind .. " '" .. tostring(record.name) .. "'" end
  return articles[type(value)] or "a " .. type(value)
end

function dsl.subject(record) return record.kind .. " '" .. tostring(record.name) .. "'" end

-- Keys of a table, numbers first, each kind in its order.
function dsl.sorted_keys(list)
  local keys = {}
  for key in pairs(list) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) == "number" end
    if type(a) == "number" or type(a) == "string" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local record_key = {}

function dsl.record_of(value)
  return type(value) == "table" and rawget(value, record_key) or nil
end

-- Notes that something was said of a record: by a method, or by a key of a table.
function dsl.note(record, key, form, place, ...)
  local entries = record.entries
  entries[#entries + 1] = {key = key, form = form, place = place, count = select("#", ...), ...}
end

-- Methods of tasks that plugins have added, by name: {plugin =, call =}.
dsl.methods = {}

-- Notes everything a table says, except its name.
function dsl.note_table(record, values, place)
  for _, key in pairs(dsl.sorted_keys(values)) do
    local added = record.kind == "task" and dsl.methods[key]
    if added then
      added.call(record.builder, values[key])
    elseif key ~= "name" then dsl.note(record, key, "key", place, values[key]) end
  end
end

-- One metatable a kind: a builder is an empty table with a record behind it, whose every field is a method that notes.
local function metatable_of(kind)
  local metatable = {__name = kind}

  function metatable.__index(builder, key)
    local record = dsl.record_of(builder)
    if key == "name" then return record.name end
    local added = kind == "task" and dsl.methods[key]
    if added then
      return function(self, ...)
        if self ~= builder then
          dsl.problem(dsl.here(), ("%s: write ':%s(...)' instead of '.%s(...)'"):format(dsl.subject(record), key, key))
        else
          added.call(builder, ...)
        end
        return builder
      end
    end
    return function(self, ...)
      local place = dsl.here()
      if self ~= builder then
        dsl.problem(place, ("%s: write ':%s(...)' instead of '.%s(...)'"):format(dsl.subject(record), key, key))
      elseif key ~= "build" then
        dsl.note(record, key, "method", place, ...)
      end
      return builder
    end
  end

  function metatable.__newindex(builder, key)
    dsl.problem(dsl.here(), ("%s: set it with ':%s(...)'"):format(dsl.subject(dsl.record_of(builder)), tostring(key)))
  end

  function metatable.__tostring(builder) return kind .. ": " .. tostring(dsl.record_of(builder).name) end

  -- `task "name" { ... }`
  function metatable.__call(builder, values)
    local record = dsl.record_of(builder)
    local place = dsl.here()
    if kind == "group" then
      dsl.note(record, "tasks", "method", place, values)
    elseif type(values) ~= "table" or dsl.record_of(values) then
      dsl.problem(place, ("%s: a table expected, got %s"):format(dsl.subject(record), dsl.kind_of(values)))
    else
      dsl.note_table(record, values, place)
    end
    return builder
  end

  return metatable
end

-- Made at once: a function that stores under a name it was given could store anything, and keep goroutines at home.
local metatables = {
  task = metatable_of "task",
  workflow = metatable_of "workflow",
  group = metatable_of "group",
  chain = metatable_of "chain",
  parallel = metatable_of "parallel",
  when = metatable_of "when",
}

-- A new record and its builder.
function dsl.new_builder(kind, name, place)
  local id = #dsl.records + 1
  local record = {kind = kind, id = id, name = name, place = place, entries = {}}
  dsl.records[id] = record
  record.builder = setmetatable({[record_key] = record}, metatables[kind])
  return record.builder, record
end
