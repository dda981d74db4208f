---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.goroutinelib
goroutine = {}

---Makes a channel with room for `n` values, of which this handle is the view that `direction` names.
---
---- errors: raises for a bad capacity or direction
---- may switch: no
---@param n? integer
---@param direction? "bidirectional"|"send"|"receive"
---@return sloth.channel
function goroutine.channel(n, direction) end

---As `ch:send`, but a closed channel is a result and no error.
---
---- durations: in seconds
---- errors: returns false and a message on a closed channel
---- may switch: if it has to wait
---@param ch sloth.channel
---@param value any
---@param timeout? number
---@return boolean
---@return string|nil message
function goroutine.channel_send(ch, value, timeout) end

---As `ch:receive`.
---
---- durations: in seconds
---- may switch: if it has to wait
---@param ch sloth.channel
---@param timeout? number
---@return any value
---@return boolean
---@return "timeout"|nil
function goroutine.channel_receive(ch, timeout) end

---As `ch:close`, but a closed channel is a result and no error.
---
---- may switch: no
---@param ch sloth.channel
---@return boolean
---@return string|nil message
function goroutine.channel_close(ch) end

---How many values wait in the channel's buffer.
---
---- may switch: no
---@param ch sloth.channel
---@return integer
function goroutine.channel_len(ch) end

---How many values the channel's buffer has room for.
---
---- may switch: no
---@param ch sloth.channel
---@return integer
function goroutine.channel_cap(ch) end

---As `channel.select`, with cases such as `{channel = ch, receive = true, handler = f}`; returns the handler's results plainly.
---
---- errors: raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel
---- may switch: if it has to wait
---@param cases table
---@return any ...
function goroutine.select(cases) end

---As `goroutine.select`, for at most a time.
---
---- durations: in milliseconds
---- errors: raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel
---- may switch: if it has to wait
---@param duration number
---@param cases table
---@return boolean timed_out
---@return integer|nil index
function goroutine.select_timeout(duration, cases) end

---Starts `f(...)` as a goroutine; an error in it is printed when it happens.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
function goroutine.spawn(f, ...) end

---Starts `f(id, ...)` for each id from 1 to `n`.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param n integer
---@param f function
---@param ... any
---@return sloth.goroutine[]
function goroutine.spawn_many(n, f, ...) end

---Starts `f(...)` as a goroutine whose result somebody will await.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
function goroutine.async(f, ...) end

---As `goroutine.async`.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
function goroutine.create(f, ...) end

---Starts `f(...)` as a goroutine on its parent's island.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
function goroutine.shared(f, ...) end

---Tells whether `f` would get an island of its own, and if not, why; the answer prints as text.
---
---- errors: raises when f is not a function
---- may switch: no
---@param f function
---@return { parallel: boolean, reasons: { kind: string, name?: string, file?: string, line?: integer, message: string }[] }
function goroutine.explain(f) end

---Suspends the goroutine for a time; 0 lets others go first.
---
---- durations: in milliseconds
---- errors: raises for negative or NaN
---- may switch: yes
---@param duration number
function goroutine.sleep(duration) end

---Lets other goroutines go first.
---
---- may switch: yes
function goroutine.yield() end

---The number of the running goroutine.
---
---- may switch: no
---@return integer
function goroutine.id() end

---How many goroutines of this run are alive.
---
---- may switch: no
---@return integer
function goroutine.count() end

---The time of a clock that never goes back.
---
---- durations: in milliseconds
---- may switch: no
---@return number
function goroutine.now() end

---Counts of the runtime: `live ready running waiting islands workers spawned parallel shared preemptions steals`.
---
---- may switch: no
---@return table
function goroutine.stats() end

---Waits until a goroutine has ended and returns copies of its results.
---
---- durations: in milliseconds
---- errors: raises when h is no goroutine handle
---- may switch: if it has to wait
---@param h sloth.goroutine
---@param timeout? number
---@return boolean
---@return any error
---@return any ...
function goroutine.await(h, timeout) end

---Waits for all goroutines of a list and returns their outcomes in the same order.
---
---- durations: in milliseconds
---- errors: raises for a non-handle with its index
---- may switch: if it has to wait
---@param list sloth.goroutine[]
---@param timeout? number
---@return { success: boolean, value?: any, values?: table, error?: any }[] outcomes
function goroutine.await_all(list, timeout) end

---As `goroutine.await_all`, with the timeout in seconds.
---
---- durations: in seconds
---- errors: raises for a non-handle with its index
---- may switch: if it has to wait
---@param list sloth.goroutine[]
---@param timeout? number
---@return { success: boolean, value?: any, values?: table, error?: any }[] outcomes
function goroutine.wait_all(list, timeout) end

---Runs `f(...)` as a goroutine and stops it when the time is over.
---
---- durations: in milliseconds
---- errors: raises when f is not a function
---- may switch: if it has to wait
---@param duration number
---@param f function
---@param ... any
---@return boolean
---@return any ...
function goroutine.timeout(duration, f, ...) end

---Starts `f(...)` on an island of its own, or raises with the reason why it cannot; with a list of functions, runs them and returns as `goroutine.await_all`.
---
---- errors: raises with the reason when f cannot be parallel
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return sloth.goroutine|{ success: boolean, value?: any, values?: table, error?: any }[] handle
---@overload fun(list: function[]): sloth.goroutine|{ success: boolean, value?: any, values?: table, error?: any }[]
---@overload fun(options: { tasks: function[], max_concurrent?: integer }): sloth.goroutine|{ success: boolean, value?: any, values?: table, error?: any }[]
function goroutine.parallel(f, ...) end

---Makes a counter that goroutines can wait for.
---
---- may switch: no
---@return sloth.wait_group
function goroutine.wait_group() end

---Makes a mutual exclusion lock, which serves those who wait in their order.
---
---- may switch: no
---@return sloth.mutex
function goroutine.mutex() end

---Makes an integer of 64 bits that goroutines on all islands can change.
---
---- may switch: no
---@param v? integer
---@return sloth.atomic_int
function goroutine.atomic_int(v) end

---Makes a pool that runs at most `workers` jobs at once; one of that name is finished and closed first.
---
---- errors: raises for workers < 1 and unknown options
---- may switch: if it has to wait
---@param name string
---@param options? { workers?: integer }
---@return true
function goroutine.pool_create(name, options) end

---Gives a pool the job `f(...)`.
---
---- errors: raises when f is not a function
---- may switch: no
---@param name string
---@param f function
---@param ... any
---@return integer|nil id
---@return string|nil message
function goroutine.pool_submit(name, f, ...) end

---Waits until all jobs that were submitted have ended; the pool stays open.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param name string
---@param timeout? number
---@return boolean
---@return string|nil message
function goroutine.pool_wait(name, timeout) end

---Finishes what was submitted and closes the pool.
---
---- may switch: if it has to wait
---@param name string
---@return boolean
function goroutine.pool_close(name) end

---What a pool has done and has yet to do; also after it was closed.
---
---- may switch: no
---@param name string
---@return { name: string, workers: integer, active: integer, queued: integer, completed: integer, failed: integer }|nil
---@return string|nil message
function goroutine.pool_stats(name) end

---@class sloth.goroutine
local goroutine_methods = {}

---Asks the goroutine to stop: what it waits for raises in it, its handlers run.
---
---- may switch: no
---@param reason? string
function goroutine_methods:cancel(reason) end

---How far the goroutine is.
---
---- may switch: no
---@return "ready"|"running"|"waiting"|"done"|"failed"|"cancelled"
function goroutine_methods:status() end

---The goroutine's number.
---
---- may switch: no
---@return integer
function goroutine_methods:id() end

---Waits until the goroutine has ended and returns copies of its results.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param timeout? number
---@return boolean
---@return any error
---@return any ...
function goroutine_methods:await(timeout) end
