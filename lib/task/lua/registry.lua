-- What a task file has defined so far, and what is wrong with it. Wrong definitions are noted, not raised: the file is
-- read to its end, and everything that is wrong is shown at once.
--
-- The files of this folder run one after the other and share `sloth_task`, a global only until the last of them has run.
-- (Not an entry of package.loaded: through that table _G is reached, and then nothing is certain about any global.)
local dsl = {tasks = {}, workflows = {}, problems = {}}
sloth_task = dsl

-- What these files use of Lua is theirs: a script may do with the global names what it likes.
local debug, ipairs, math, pairs, rawget, select = debug, ipairs, math, pairs, rawget, select
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

-- `word` is what was mistyped, `candidates` what it may have meant.
function dsl.problem(place, message, word, candidates)
  local problems = dsl.problems
  problems[#problems + 1] = {file = place.file, line = place.line, message = message, word = word, candidates = candidates}
end

local articles = {["nil"] = "nil", number = "a number", boolean = "a boolean", string = "a string", table = "a table"}

-- A value as error messages call it.
function dsl.kind_of(value)
  local record = dsl.record_of(value)
  if record then return "the " .. record.kind .. " '" .. record.name .. "'" end
  return articles[type(value)] or "a " .. type(value)
end

function dsl.subject(record) return record.kind .. " '" .. record.name .. "'" end

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

-- The entries of a list as {position, value} pairs; a hole is one whose value is nil.
function dsl.positions(list)
  local most = 0
  for key in pairs(list) do
    if math.type(key) == "integer" and key > most then most = key end
  end
  return most
end

local record_key = {}

-- A builder is an empty table with a record behind it.
function dsl.new_builder(record, metatable)
  return setmetatable({[record_key] = record}, metatable)
end

function dsl.record_of(value)
  return type(value) == "table" and rawget(value, record_key) or nil
end

-- What a builder answers to `builder.key`. `spec` names the setters, and what will come later.
function dsl.member(builder, key, spec)
  local record = dsl.record_of(builder)
  if key == "name" then return record.name end
  return function(self, ...)
    local place = dsl.here()
    if self ~= builder then
      dsl.problem(place, ("%s: write ':%s(...)' instead of '.%s(...)'"):format(dsl.subject(record), key, key))
    elseif key ~= "build" then
      dsl.apply(record, key, spec, place, "method", ...)
    end
    return builder
  end
end

-- Sets one thing on a record, by a method or by a key of a table.
function dsl.apply(record, key, spec, place, form, ...)
  local subject = dsl.subject(record)
  local setter = spec.setters[key]
  if setter then
    if form == "method" and select("#", ...) == 0 then
      dsl.problem(place, ("%s: '%s' needs a value"):format(subject, key))
    else
      setter(record, place, key, ...)
    end
  elseif spec.later[key] then
    dsl.problem(place, ("%s: %s '%s' is not supported yet"):format(subject, form, key))
  else
    local shown = type(key) == "string" and "'" .. key .. "'" or tostring(key)
    dsl.problem(place, ("%s: unknown %s %s"):format(subject, form, shown), type(key) == "string" and key or nil, spec.names)
  end
end

-- Sets everything a table says, except the keys in `without`.
function dsl.apply_table(record, values, spec, place, without)
  for _, key in ipairs(dsl.sorted_keys(values)) do
    if not (without and without[key]) then dsl.apply(record, key, spec, place, "key", values[key]) end
  end
end

-- Says that a value has the wrong type.
function dsl.expected(record, place, key, expected, value)
  dsl.problem(place, ("%s: '%s' must be %s, got %s"):format(dsl.subject(record), key, expected, dsl.kind_of(value)))
end

-- True for a value of that type; says so otherwise.
function dsl.check(record, place, key, value, type_name)
  if type(value) == type_name then return true end
  dsl.expected(record, place, key, articles[type_name] or "a " .. type_name, value)
  return false
end

-- Names in words: what may follow "did you mean".
function dsl.names_of(...)
  local names = {}
  for _, set in ipairs({...}) do
    for name in pairs(set) do names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function dsl.set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end
