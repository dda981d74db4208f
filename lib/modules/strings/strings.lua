-- Texts. Positions and widths count bytes unless a function says characters.
local library = ...
local concat = library "table.concat"
local find = library "string.find"
local gmatch = library "string.gmatch"
local gsub = library "string.gsub"
local lower = library "string.lower"
local misuse = library "internal.misuse"
local rep = library "string.rep"
local sub = library "string.sub"
local tostring = library "_G.tostring"
local type = library "_G.type"
local upper = library "string.upper"
local utf8_len = library "utf8.len"
local utf8_offset = library "utf8.offset"

local strings = {}

function strings.trim(text) return (gsub(gsub(text, "^%s+", ""), "%s+$", "")) end
function strings.trim_left(text) return (gsub(text, "^%s+", "")) end
function strings.trim_right(text) return (gsub(text, "%s+$", "")) end

function strings.contains(text, part) return find(text, part, 1, true) ~= nil end
function strings.starts_with(text, prefix) return sub(text, 1, #prefix) == prefix end
function strings.ends_with(text, suffix) return suffix == "" or sub(text, -#suffix) == suffix end

function strings.escape_pattern(text) return (gsub(text, "[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")) end

function strings.count(text, part)
  if part == "" then misuse("strings.count", 2, "a text that is not empty expected") end
  local count, at = 0, 1
  while true do
    local first, last = find(text, part, at, true)
    if not first then return count end
    count, at = count + 1, last + 1
  end
end

function strings.split(text, separator, most)
  if separator == "" then misuse("strings.split", 2, "a separator that is not empty expected") end
  if most and most < 1 then misuse("strings.split", 3, "an integer of at least 1 expected") end
  local parts, count, at = {}, 0, 1
  while not most or count < most - 1 do
    local first, last = find(text, separator, at, true)
    if not first then break end
    count = count + 1
    parts[count] = sub(text, at, first - 1)
    at = last + 1
  end
  parts[count + 1] = sub(text, at)
  return parts
end

function strings.join(list, separator)
  local texts = {}
  for i = 1, #list do
    local kind = type(list[i])
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      misuse("strings.join", 1, "a list of texts expected, got a " .. kind .. " at " .. i)
    end
    texts[i] = tostring(list[i])
  end
  return concat(texts, separator or "")
end

function strings.replace(text, old, new, most)
  if old == "" then misuse("strings.replace", 2, "a text that is not empty expected") end
  if most and most < 0 then misuse("strings.replace", 4, "an integer of at least 0 expected") end
  local parts, count, at = {}, 0, 1
  while not most or count < most do
    local first, last = find(text, old, at, true)
    if not first then break end
    count = count + 1
    parts[#parts + 1] = sub(text, at, first - 1)
    parts[#parts + 1] = new
    at = last + 1
  end
  parts[#parts + 1] = sub(text, at)
  return concat(parts), count
end

function strings.lines(text)
  local lines, at = {}, 1
  while at <= #text do
    local first, last = find(text, "\r?\n", at)
    lines[#lines + 1] = sub(text, at, (first or #text + 1) - 1)
    at = (last or #text) + 1
  end
  return lines
end

-- How many characters a text has; of what is not UTF-8, how many bytes.
local function length(text) return utf8_len(text) or #text end

strings.length = length

local PADDED_TO <const> = 1 << 20

local function padding(name, text, width, fill)
  if width > PADDED_TO then misuse(name, 2, "a width of at most " .. PADDED_TO .. " expected") end
  fill = fill or " "
  if length(fill) ~= 1 then misuse(name, 3, "one character expected") end
  return rep(fill, width - length(text))
end

function strings.pad_left(text, width, fill) return padding("strings.pad_left", text, width, fill) .. text end
function strings.pad_right(text, width, fill) return text .. padding("strings.pad_right", text, width, fill) end

function strings.center(text, width, fill)
  local left = padding("strings.center", text, length(text) + (width - length(text)) // 2, fill)
  return left .. text .. padding("strings.center", text, width - length(left), fill)
end

function strings.truncate(text, most, mark)
  if most < 0 then misuse("strings.truncate", 2, "an integer of at least 0 expected") end
  local count = length(text)
  if count <= most then return text end
  mark = mark or "..."
  local kept = most - length(mark)
  if kept < 0 then mark, kept = "", most end
  local stop = count == #text and kept + 1 or utf8_offset(text, kept + 1)
  return sub(text, 1, stop - 1) .. mark
end

function strings.capitalize(text) return upper(sub(text, 1, 1)) .. sub(text, 2) end
function strings.title(text)
  return (gsub(text, "(%a)([%w_']*)", function(first, rest) return upper(first) .. rest end))
end

function strings.is_blank(text) return not find(text, "%S") end

-- The words of a name, however it is written: fooBar, foo_bar, foo-bar, "Foo Bar", HTTPServer.
local function words(text)
  local spaced = gsub(gsub(text, "(%l)(%u)", "%1 %2"), "(%u)(%u%l)", "%1 %2")
  local found = {}
  for word in gmatch(spaced, "%w+") do found[#found + 1] = lower(word) end
  return found
end

function strings.snake_case(text) return concat(words(text), "_") end
function strings.kebab_case(text) return concat(words(text), "-") end
function strings.camel_case(text)
  local found = words(text)
  for i = 2, #found do found[i] = strings.capitalize(found[i]) end
  return concat(found)
end

function strings.indent(text, by)
  local prefix = by or "  "
  if type(prefix) == "number" then prefix = rep(" ", prefix) end
  return (gsub(text, "[^\n]+", function(line) return prefix .. line end))
end

function strings.dedent(text)
  local shared
  for line in gmatch(text, "[^\n]+") do
    if find(line, "%S") then
      local _, last = find(line, "^[ \t]*")
      local own = sub(line, 1, last)
      if not shared then shared = own end
      while sub(own, 1, #shared) ~= shared do shared = sub(shared, 1, -2) end
    end
  end
  if not shared or shared == "" then return text end
  local lines = {}
  for line in gmatch(text .. "\n", "(.-)\n") do
    lines[#lines + 1] = sub(line, 1, #shared) == shared and sub(line, #shared + 1) or (gsub(line, "^%s+$", ""))
  end
  return concat(lines, "\n")
end

return strings
