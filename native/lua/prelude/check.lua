-- Checks arguments. Every complaint names the function that the program called, and the place of the call.
local library = ...
local describe = library "internal.describe"
local to_integer = library "math.tointeger"
local format = library "string.format"
local misuse = library "internal.misuse"
local next = library "_G.next"
local tostring = library "_G.tostring"
local type = library "_G.type"

local check = {}

local MOST <const> = 1 << 30
local LONGEST <const> = 2.0 ^ 53

-- `what` says which value it is, for messages: "" is the argument itself.
local function expected(name, argument, what, expectation, value)
  local got = type(value) == "number" and tostring(value) or describe(value)
  if what ~= "" then what = what .. ": " end
  misuse(name, argument, format("%s%s expected, got %s", what, expectation, got))
end

function check.is_a(name, argument, what, wanted, value)
  if type(value) ~= wanted then expected(name, argument, what, wanted, value) end
  return value
end

-- A whole number of at least `least`, and not above `most`, if that is given.
function check.count(name, argument, what, least, value, most)
  local count = type(value) == "number" and to_integer(value)
  if not count or count < least then expected(name, argument, what, "integer of at least " .. least, value) end
  if most and count > most then expected(name, argument, what, "integer of at most " .. most, value) end
  return count
end

-- How many channels or goroutines a function makes.
function check.crowd(name, argument, what, value) return check.count(name, argument, what, 1, value, 65536) end

-- Milliseconds, not negative and not for ever.
function check.duration(name, argument, value)
  if type(value) ~= "number" or not (value >= 0 and value < LONGEST) then
    expected(name, argument, "", "finite number of milliseconds, 0 or more,", value)
  end
  return value
end

function check.context(name, argument, what, value)
  if describe(value) ~= "context" then expected(name, argument, what, "context", value) end
  return value
end

-- Something that can be received from.
function check.source(name, argument, what, value)
  local kind = describe(value)
  if kind ~= "channel" and kind ~= "receive-only channel" then
    expected(name, argument, what, "channel to receive from", value)
  end
  return value
end

-- A list of those, copied: whoever changes his changes nothing.
function check.sources(name, argument, list)
  check.is_a(name, argument, "", "table", list)
  local sources, count = {}, #list
  if count == 0 then misuse(name, argument, "a list of at least one channel expected, got an empty one") end
  for i = 1, count do sources[i] = check.source(name, argument, "list index " .. i, list[i]) end
  return sources, count
end

-- The table of options: nothing but what is in `known` ("a b").
function check.options(name, argument, what, known, options)
  check.is_a(name, argument, what, "table", options)
  for key in next, options do
    local found = false
    for i = 1, #known do found = found or known[i] == key end
    if not found then
      local list = known[1]
      for i = 2, #known do list = list .. (i < #known and ", " or " and ") .. known[i] end
      if what ~= "" then what = what .. ": " end
      local shown = type(key) == "string" and "'" .. key .. "'" or tostring(key)
      misuse(name, argument, format("%sthere is no option %s; known: %s", what, shown, list))
    end
  end
  return options
end

-- One of a list of strings.
function check.one_of(name, argument, what, words, value)
  for i = 1, #words do
    if value == words[i] then return value end
  end
  local list = "'" .. words[1] .. "'"
  for i = 2, #words do list = list .. (i < #words and ", " or " or ") .. "'" .. words[i] .. "'" end
  local got = type(value) == "string" and "'" .. value .. "'" or tostring(value)
  misuse(name, argument, format("%s: %s expected, got %s", what, list, got))
end

-- How many values wait in a channel.
function check.capacity(name, argument, what, least, value)
  return check.count(name, argument, what, least, value, MOST)
end

-- The option `buffer`, the only one.
function check.buffer(name, argument, options)
  if options == nil then return 10 end
  local buffer = check.options(name, argument, "", {"buffer"}, options).buffer
  return buffer == nil and 10 or check.capacity(name, argument, "option 'buffer'", 0, buffer)
end

return check
