---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.channellib
channel = {}

---Iterates over what a channel receives until it is closed and empty; with `f`, calls `f(value)` for each.
---
---- errors: raises on a send-only channel
---- may switch: if it has to wait
---@param ch sloth.channel
---@param f? function
---@return function|nil iterator
function channel.range(ch, f) end

---Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before.
---
---- durations: in seconds
---- errors: raises for negative or NaN
---- may switch: yes
---@param duration number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean|nil
---@return string|nil message
function channel.sleep(duration) end

---Makes a channel with room for `n` values; with none (0, the default) a send waits for its receiver.
---
---- errors: raises for a negative, fractional or huge capacity, unknown options, overflow without a buffer
---- may switch: no
---@param n? integer
---@param options? { overflow?: "block"|"drop_oldest"|"drop_newest"|"error" }
---@return sloth.channel
function channel.make(n, options) end

---Makes a channel that gives the values of the highest priority first.
---
---- errors: raises for a negative, fractional or huge capacity, unknown options, overflow without a buffer
---- may switch: no
---@param n integer
---@param options? { levels?: integer|string[], overflow?: "block"|"drop_oldest"|"drop_newest"|"error" }
---@return sloth.channel
function channel.priority(n, options) end

---Makes a channel that receives one value, the time, when the duration has passed.
---
---- durations: in seconds
---- errors: raises for negative or NaN
---- may switch: no
---@param duration number
---@return sloth.channel
function channel.after(duration) end

---Makes a channel that receives the time at every tick; ticks that nobody takes are dropped.
---
---- durations: in seconds
---- errors: raises for 0, negative or NaN
---- may switch: no
---@param duration number
---@return sloth.channel
function channel.ticker(duration) end

---Waits until one of several channel operations can go, does it, and returns its handler's results as a table.
---
---- durations: in seconds
---- errors: raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel, or on a full one with overflow 'error'
---- may switch: if it has to wait
---@param cases table
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return table|nil
---@return string|nil|nil message
function channel.select(cases, timeout) end

---@class sloth.channel
local channel_methods = {}

---Sends a copy of a value; waits while the buffer is full.
---
---- durations: in seconds
---- errors: raises `send on closed channel`, `send on full channel` with overflow 'error'; a value that cannot be copied, with its path; nil
---- may switch: if it has to wait
---@param value any
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return string|nil message
---@overload fun(value: any, priority?: integer|string, timeout?: number|sloth.context|{ timeout?: number, ctx?: sloth.context }): boolean, string|nil
function channel_methods:send(value, timeout) end

---Takes the next value; waits while there is none.
---
---- durations: in seconds
---- errors: raises on a send-only channel
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return any value
---@return boolean
---@return string|nil message
function channel_methods:receive(timeout) end

---Sends a copy of a value if that is possible at once.
---
---- errors: raises `send on closed channel`, `send on full channel` with overflow 'error'; a value that cannot be copied, with its path; nil
---- may switch: no
---@param value any
---@param priority? integer|string
---@return boolean
function channel_methods:try_send(value, priority) end

---Takes the next value if there is one.
---
---- may switch: no
---@return any value
---@return boolean
---@return "empty"|"closed"|nil
function channel_methods:try_receive() end

---Closes the channel: what is in the buffer can still be received, nothing more can be sent.
---
---- errors: raises `close of closed channel`
---- may switch: no
---@return true
function channel_methods:close() end

---How many values wait in the buffer.
---
---- may switch: no
---@return integer
function channel_methods:len() end

---How many values the buffer has room for.
---
---- may switch: no
---@return integer
function channel_methods:cap() end

---Whether the channel was closed.
---
---- may switch: no
---@return boolean
function channel_methods:is_closed() end

---Iterates over what the channel receives until it is closed and empty; with `f`, calls `f(value)` for each.
---
---- errors: raises on a send-only channel
---- may switch: if it has to wait
---@param f? function
---@return function|nil iterator
function channel_methods:range(f) end

---Stops the timer that feeds the channel, and closes it; false when nothing was to come any more.
---
---- errors: raises for a channel without a timer
---- may switch: no
---@return boolean
function channel_methods:stop() end

---What is in the buffer, and how many values were dropped because it was full.
---
---- may switch: no
---@return { len: integer, cap: integer, closed: boolean, dropped: integer, overflow: string }
function channel_methods:stats() end

---A view of the same channel that can only send.
---
---- errors: raises on a receive-only channel
---- may switch: no
---@return sloth.channel
function channel_methods:as_sender() end

---A view of the same channel that can only receive.
---
---- errors: raises on a send-only channel
---- may switch: no
---@return sloth.channel
function channel_methods:as_receiver() end
