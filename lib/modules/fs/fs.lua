-- Paths, which are only text, and what is read piece by piece: the host gives many pieces at once.
local library, host, class = ...
local atomic = library "goroutine.atomic_int"
local concat = library "table.concat"
local daemon = library "internal.daemon"
local find = library "string.find"
local gmatch = library "string.gmatch"
local gsub = library "string.gsub"
local make = library "channel.make"
local match = library "string.match"
local setmetatable = library "_G.setmetatable"
local sub = library "string.sub"

local open_walk, open_lines, open_watch, next_pieces, close =
  host "open_walk", host "open_lines", host "open_watch", host "next", host "close"

local fs = {}

local function without_slashes(path) return #path > 1 and gsub(path, "(.)/+$", "%1") or path end

function fs.basename(path, ending)
  local name = match(without_slashes(path), "([^/]*)$")
  if name == "" and path ~= "" then name = "/" end
  if ending and ending ~= "" and #name > #ending and sub(name, -#ending) == ending then return sub(name, 1, -#ending - 1) end
  return name
end

function fs.dirname(path)
  local above = match(without_slashes(path), "^(.*)/[^/]*$")
  if not above then return "." end
  return above == "" and "/" or without_slashes(above)
end

function fs.join(...)
  local given = {}
  for i = 1, #{...} do
    local part = ({...})[i]
    if part ~= "" then given[#given + 1] = part end
  end
  local path = concat(given, "/")
  local absolute = sub(path, 1, 1) == "/"
  local parts = {}
  for part in gmatch(path, "[^/]+") do
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." and not (part == ".." and absolute) then
      parts[#parts + 1] = part
    end
  end
  local joined = concat(parts, "/")
  if absolute then return "/" .. joined end
  return joined == "" and "." or joined
end

local Guard <const> = {__close = function(guard) close(guard.id) end}

-- An iterator over what the host gives in lists, of `width` values a round.
local function iterate(id, width)
  local guard = setmetatable({id = id}, Guard)
  local pieces, at = {}, 1
  local function step()
    if pieces and at > #pieces then
      pieces, at = next_pieces(id), 1
    end
    if not pieces then return nil end
    local first, second = pieces[at], pieces[at + 1]
    at = at + width
    if width == 1 then return first end
    return first, second
  end
  return step, nil, nil, guard
end

function fs.walk(path) return iterate(open_walk(path), 2) end
function fs.lines(path) return iterate(open_lines(path), 1) end

local Watcher = class "watcher"
Watcher.__index = {close = function(watcher) return close(watcher.id) end}
Watcher.__close = Watcher.__index.close

local function pump(id, events)
  local guard <close> = setmetatable({id = id}, Guard)
  while true do
    local pieces = next_pieces(id)
    if not pieces then return end
    for i = 1, #pieces, 2 do events:send({type = pieces[i], path = pieces[i + 1]}) end
  end
end

function fs.watch(path, options)
  local id = open_watch(path, options)
  local events = make(1024)
  daemon({atomic(1), events}, pump, id, events)
  return setmetatable({id = id, events = events:as_receiver()}, Watcher)
end

return fs
