-- Times are seconds since 1970; durations are seconds or texts such as "1h30m". The clock is the runtime's, a virtual one too.
local library, host = ...
local goroutine_sleep = library "goroutine.sleep"
local misuse = library "internal.misuse"
local pcall = library "_G.pcall"
local clockwork = library "internal.clockwork"
local tostring = library "_G.tostring"
local type = library "_G.type"
local wall = library "internal.wall"
local warn = library "log.error"

local format_at = host "format_at"
local next_after = host "next_after"
local parts_at = host "parts_at"
local seconds_of = host "seconds"

local time = {}

function time.now() return wall() / 1000 end
function time.unix() return wall() // 1000 | 0 end

-- A duration in seconds; a number is one already.
local function seconds(duration)
  if type(duration) == "number" then return duration end
  return seconds_of(duration)
end

function time.format(t, layout, zone) return format_at(t or time.now(), layout, zone) end
function time.parts(t, zone) return parts_at(t or time.now(), zone) end
function time.add(t, duration) return t + seconds(duration) end
function time.sub(t, duration) return t - seconds(duration) end
function time.since(t) return time.now() - t end
function time.next(expression, after, zone) return next_after(expression, after or time.now(), zone) end

local function patience(name, argument, duration)
  local s = seconds(duration)
  if not (s >= 0 and s < 1e15) then misuse(name, argument, "a duration of 0 or more expected") end
  return s * 1000
end

function time.sleep(duration) goroutine_sleep(patience("time.sleep", 1, duration)) end

local function call(what, f, ...)
  local ok, problem = pcall(f, ...)
  if not ok then warn(what .. ": " .. tostring(problem)) end
end

-- The times keep their distance, however long f takes: those it misses are left out.
local function repeated(ms, f)
  local due, count = wall() + ms, 0
  while true do
    goroutine_sleep(due - wall() > 0 and due - wall() or 0)
    count = count + 1
    call("time.every", f, count)
    due = due + ms
    local now = wall()
    if due < now then due = due - (due - now) // ms * ms end
  end
end

function time.every(duration, f)
  local ms = patience("time.every", 1, duration)
  if ms < 1 then misuse("time.every", 1, "a duration of at least 1 ms expected") end
  return clockwork(repeated, ms, f)
end

local function scheduled(expression, zone, f, due)
  while due do
    local rest = due * 1000 - wall()
    if rest > 0 then
      goroutine_sleep(rest)
    else
      call("time.cron", f, due)
      local now = time.now()
      due = next_after(expression, due > now and due or now, zone)
    end
  end
end

function time.cron(expression, f, zone)
  return clockwork(scheduled, expression, zone, f, next_after(expression, time.now(), zone))
end

return time
