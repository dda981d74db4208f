---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.timelib
time = {}

---The time: seconds since 1970, with a fraction. Of a virtual clock what that shows.
---
---- may switch: no
---@return number t
function time.now() end

---The time in whole seconds since 1970.
---
---- may switch: no
---@return integer t
function time.unix() end

---Writes a time, now by default: as `iso`, or in a layout with the letters of `os.date`, and `%L` for milliseconds. Zones: `UTC`, the default, `local`, `+02:00` and names such as `Europe/Berlin`.
---
---- errors: raises for an unknown zone or letter and a time that no calendar has
---- may switch: yes
---@param t? number
---@param layout? string
---@param zone? string
---@return string text
function time.format(t, layout, zone) end

---Reads a time that is written as ISO 8601, or in a layout; where it names no zone of its own, in this one.
---
---- errors: raises for what is not written so, and what no calendar shows
---- may switch: yes
---@param text string
---@param layout? string
---@param zone? string
---@return number t
function time.parse(text, layout, zone) end

---What the clocks and calendars of a zone show; `offset` is in seconds east of UTC.
---
---- errors: raises for an unknown zone and a time that no calendar has
---- may switch: yes
---@param t? number
---@param zone? string
---@return { year: integer, month: integer, day: integer, hour: integer, min: integer, sec: integer, ms: integer, wday: integer, yday: integer, offset: number } parts
function time.parts(t, zone) end

---The time at which clocks and calendars of a zone show these parts; of two such times the first.
---
---- errors: raises when `year`, `month` or `day` is missing, and for an unknown zone
---- may switch: yes
---@param parts table
---@param zone? string
---@return number t
function time.make(parts, zone) end

---A later time. Durations are seconds or texts such as `1h30m`.
---
---- durations: in seconds
---- errors: raises for what is no duration
---- may switch: yes
---@param t number
---@param duration number|string
---@return number t
function time.add(t, duration) end

---An earlier time.
---
---- durations: in seconds
---- errors: raises for what is no duration
---- may switch: yes
---@param t number
---@param duration number|string
---@return number t
function time.sub(t, duration) end

---How long ago a time was.
---
---- durations: in seconds
---- may switch: no
---@param t number
---@return number seconds
function time.since(t) end

---The seconds of a duration.
---
---- durations: in seconds
---- errors: raises for what is no duration
---- may switch: yes
---@param duration number|string
---@return number seconds
function time.seconds(duration) end

---A duration as people read it.
---
---- durations: in seconds
---- may switch: yes
---@param seconds number
---@return string text
function time.duration_text(seconds) end

---Lets the goroutine sleep; others go on.
---
---- durations: in seconds
---- errors: raises for what is no duration, or negative
---- may switch: yes
---@param duration number|string
function time.sleep(duration) end

---Calls `f(count)` each time so much time has gone by, one call after the other in a goroutine of its own, which the program waits for until it is cancelled. What `f` raises is logged.
---
---- durations: in seconds
---- errors: raises for less than 1 ms
---- may switch: yes
---@param duration number|string
---@param f function
---@return sloth.goroutine handle
function time.every(duration, f) end

---Calls `f(due)` at the times of a cron expression, which may begin with seconds, in a goroutine of its own, which the program waits for until it is cancelled. What `f` raises is logged.
---
---- errors: raises for what is no cron expression, and for an unknown zone
---- may switch: yes
---@param expression string
---@param f function
---@param zone? string
---@return sloth.goroutine handle
function time.cron(expression, f, zone) end

---The first time of a cron expression behind a time, now by default; `nil` when there is none.
---
---- errors: raises for what is no cron expression, and for an unknown zone
---- may switch: yes
---@param expression string
---@param after? number
---@param zone? string
---@return number|nil t
function time.next(expression, after, zone) end
