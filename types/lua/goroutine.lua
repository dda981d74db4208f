---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.goroutinelib
goroutine = {}

---Makes a lock that many goroutines hold to read or one holds to write; it serves those who wait in their order.
---
---- may switch: no
---@return sloth.rwmutex
function goroutine.rwmutex() end

---Makes a semaphore with `n` permits, which serves those who wait in their order.
---
---- errors: raises when n is less than 1
---- may switch: no
---@param n integer
---@return sloth.semaphore
function goroutine.semaphore(n) end

---Makes something that is done once.
---
---- may switch: no
---@return sloth.once
function goroutine.once() end

---Makes a condition variable with a mutex, or with a new one.
---
---- may switch: no
---@param mutex? sloth.mutex
---@return sloth.cond
function goroutine.cond(mutex) end

---Makes a latch, which opens for good when it has been counted down `n` times.
---
---- errors: raises when n is negative
---- may switch: no
---@param n integer
---@return sloth.latch
function goroutine.latch(n) end

---Makes a barrier at which `n` goroutines wait for each other, again and again.
---
---- errors: raises when n is less than 1
---- may switch: no
---@param n integer
---@return sloth.barrier
function goroutine.barrier(n) end

---As `ch:send`, but a closed channel is a result and no error.
---
---- durations: in seconds
---- errors: returns false and a message on a closed channel, or a full one with overflow 'error'
---- may switch: if it has to wait
---@param ch sloth.channel
---@param value any
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return string|nil message
---@overload fun(ch: sloth.channel, value: any, priority?: integer|string, timeout?: number|sloth.context|{ timeout?: number, ctx?: sloth.context }): boolean, string|nil
function goroutine.channel_send(ch, value, timeout) end

---As `ch:receive`.
---
---- durations: in seconds
---- may switch: if it has to wait
---@param ch sloth.channel
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return any value
---@return boolean
---@return string|nil message
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

---Makes a channel with room for `n` values, of which this handle is the view that `direction` names.
---
---- errors: raises for a bad capacity or direction
---- may switch: no
---@param n? integer
---@param direction? "bidirectional"|"send"|"receive"
---@return sloth.channel
function goroutine.channel(n, direction) end

---Makes a channel that receives one value, the time, when the duration has passed.
---
---- durations: in milliseconds
---- errors: raises for negative or NaN
---- may switch: no
---@param duration number
---@return sloth.channel
function goroutine.after(duration) end

---Makes a channel that receives the time at every tick; ticks that nobody takes are dropped.
---
---- durations: in milliseconds
---- errors: raises for 0, negative or NaN
---- may switch: no
---@param duration number
---@return sloth.channel
function goroutine.ticker(duration) end

---As `channel.select`, with cases such as `{channel = ch, receive = true, handler = f}`; returns the handler's results plainly.
---
---- errors: raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel, or on a full one with overflow 'error'
---- may switch: if it has to wait
---@param cases table
---@return any ...
function goroutine.select(cases) end

---As `goroutine.select`, for at most a time.
---
---- durations: in milliseconds
---- errors: raises for malformed cases, several defaults, no cases without a timeout, a selected send on a closed channel, or on a full one with overflow 'error'
---- may switch: if it has to wait
---@param duration number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@param cases table
---@return boolean timed_out
---@return integer|nil index
---@return string|nil message
function goroutine.select_timeout(duration, cases) end

---Starts `f(...)` as a goroutine; an error in it is printed when it happens.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function goroutine.spawn(f, ...) end

---Starts `f(id, ...)` for each id from 1 to `n`.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param n integer
---@param f function
---@param ... any
---@return sloth.goroutine[]
---@overload fun(n: integer, ctx: sloth.context, f: function, ...: any): sloth.goroutine[]
function goroutine.spawn_many(n, f, ...) end

---Starts `f(...)` as a goroutine whose result somebody will await.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function goroutine.async(f, ...) end

---As `goroutine.async`.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function goroutine.create(f, ...) end

---Starts `f(...)` as a goroutine on its parent's island.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function goroutine.shared(f, ...) end

---Tells whether `f` would get an island of its own, and if not, why; the answer prints as text.
---
---- errors: raises when f is not a function
---- may switch: no
---@param f function
---@return { parallel: boolean, reasons: { kind: string, name?: string, file?: string, line?: integer, message: string }[] }
function goroutine.explain(f) end

---Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before.
---
---- durations: in milliseconds
---- errors: raises for negative or NaN
---- may switch: yes
---@param duration number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean|nil
---@return string|nil message
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

---How many goroutines keep this run alive; the library's own daemons do not.
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

---Counts of the runtime: `live ready running daemons waiting islands workers spawned parallel shared preemptions steals cloned built refused_snapshots`.
---
---- may switch: no
---@return table
function goroutine.stats() end

---Every goroutine of this run: its state, what it waits for and since when, its island, where it stands and where it was started.
---
---- errors: raises for an unknown option
---- may switch: if it has to wait
---@param options? { format?: "text"|"table" }
---@return string|{ id: integer, parent?: integer, state: "ready"|"running"|"waiting", waiting_for?: string, waiting_ms?: number, island: integer, shared_with: integer, main: boolean, daemon: boolean, leaked: boolean, spawned_at?: string, traceback?: string }[]
function goroutine.dump(options) end

---The goroutines of this run that wait for ever, because nobody else can reach what they wait for.
---
---- may switch: if it has to wait
---@return { id: integer, parent?: integer, state: "ready"|"running"|"waiting", waiting_for?: string, waiting_ms?: number, island: integer, shared_with: integer, main: boolean, daemon: boolean, leaked: boolean, spawned_at?: string, traceback?: string }[]
function goroutine.leaks() end

---Waits until a goroutine has ended and returns copies of its results.
---
---- durations: in milliseconds
---- errors: raises when h is no goroutine handle
---- may switch: if it has to wait
---@param h sloth.goroutine
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
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
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return { success: boolean, value?: any, values?: table, error?: any }[] outcomes
function goroutine.await_all(list, timeout) end

---As `goroutine.await_all`, with the timeout in seconds.
---
---- durations: in seconds
---- errors: raises for a non-handle with its index
---- may switch: if it has to wait
---@param list sloth.goroutine[]
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return { success: boolean, value?: any, values?: table, error?: any }[] outcomes
function goroutine.wait_all(list, timeout) end

---Runs `f(...)` as a goroutine and stops it when the time is over.
---
---- durations: in milliseconds
---- errors: raises when f is not a function
---- may switch: if it has to wait
---@param duration number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@param f function
---@param ... any
---@return boolean
---@return any ...
---@overload fun(duration: number, ctx: sloth.context, f: function, ...: any): boolean, ...
function goroutine.timeout(duration, f, ...) end

---Starts `f(...)` on an island of its own, or raises with the reason why it cannot; with a list of functions, runs them and returns as `goroutine.await_all`.
---
---- errors: raises with the reason when f cannot be parallel
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return sloth.goroutine|{ success: boolean, value?: any, values?: table, error?: any }[] handle
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine|{ success: boolean, value?: any, values?: table, error?: any }[]
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
---- errors: raises for options of the wrong type or range and unknown ones
---- may switch: if it has to wait
---@param name string
---@param options? { workers?: integer|integer[]|{ min: integer, max: integer }, queue?: number, on_full?: "block"|"error", submit_timeout?: number, rate_limit?: number, circuit_breaker?: { failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer }, keep_results?: number }
---@return true
function goroutine.pool_create(name, options) end

---Gives a pool the job `f(...)`; waits while its queue is full.
---
---- errors: raises when f is not a function
---- may switch: if it has to wait
---@param name string
---@param f function
---@param ... any
---@return integer|nil id
---@return string|nil message
---@overload fun(name: string, ctx: sloth.context, f: function, ...: any): integer|nil, string|nil
function goroutine.pool_submit(name, f, ...) end

---Waits until all jobs that were submitted have ended; the pool stays open.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param name string
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return string|nil message
function goroutine.pool_wait(name, timeout) end

---Finishes what was submitted and closes the pool.
---
---- may switch: if it has to wait
---@param name string
---@return boolean
function goroutine.pool_close(name) end

---Waits for one job to end and returns its results or its error, as `goroutine.await` does.
---
---- durations: in milliseconds
---- errors: raises for a job that asks for itself
---- may switch: if it has to wait
---@param name string
---@param id integer
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean|nil
---@return any error
---@return any ...
function goroutine.pool_result(name, id, timeout) end

---Changes how many jobs of a pool run at once; jobs that run go on.
---
---- errors: raises for workers < 1
---- may switch: no
---@param name string
---@param workers integer|integer[]|{ min: integer, max: integer }
---@return true|nil
---@return string|nil message
function goroutine.pool_resize(name, workers) end

---What a pool has done and has yet to do; also after it was closed.
---
---- may switch: no
---@param name string
---@return { name: string, workers: integer, active: integer, queued: integer, waiting: integer, completed: integer, failed: integer, closed: boolean, circuit?: string }|nil
---@return string|nil message
function goroutine.pool_stats(name) end

---Sends every value of a channel through one function after the other.
---
---- errors: raises when input is no channel to receive from, without stages, for unknown or wrong fields of a stage
---- may switch: no
---@param input sloth.channel
---@param stages (function|{ fn: function, workers?: integer, retries?: integer, on_error?: function })[]
---@param options? { buffer?: integer }
---@return sloth.channel output
---@return sloth.channel errors
function goroutine.pipeline(input, stages, options) end

---Gives each value of a channel to one of `n` channels, one that can take it.
---
---- errors: raises when input is no channel to receive from, for n < 1, unknown options
---- may switch: no
---@param input sloth.channel
---@param n integer
---@param options? { buffer?: integer }
---@return sloth.channel[]
function goroutine.fan_out(input, n, options) end

---Gives each value of a channel to each of `n` channels.
---
---- errors: raises when input is no channel to receive from, for n < 1, unknown options
---- may switch: no
---@param input sloth.channel
---@param n integer
---@param options? { buffer?: integer }
---@return sloth.channel[]
function goroutine.broadcast(input, n, options) end

---Brings the values of several channels to one, which closes when all of them have closed.
---
---- errors: raises for an empty list, anything but channels in it, unknown options
---- may switch: no
---@param list sloth.channel[]
---@param options? { buffer?: integer }
---@return sloth.channel
function goroutine.fan_in(list, options) end

---The same as `fan_in`.
---
---- errors: raises for an empty list, anything but channels in it, unknown options
---- may switch: no
---@param list sloth.channel[]
---@param options? { buffer?: integer }
---@return sloth.channel
function goroutine.merge(list, options) end

---Calls `f(element, index)` for all elements of a list at once, and returns the results in their order.
---
---- errors: raises the first error of f; the message of the context when it ends before
---- may switch: if it has to wait
---@param list any[]
---@param f function
---@param options? { workers?: integer, ctx?: sloth.context }
---@return any[]
function goroutine.map(list, f, options) end

---A function that starts `f` once it was not called for a while.
---
---- durations: in milliseconds
---- errors: raises when f is not a function, for a negative or endless time, unknown options, and when both are false
---- may switch: no
---@param f function
---@param duration number
---@param options? { leading?: boolean, trailing?: boolean }
---@return function call
---@return function cancel
function goroutine.debounce(f, duration, options) end

---A function that starts `f` at most once in an interval.
---
---- durations: in milliseconds
---- errors: raises when f is not a function, for a negative or endless time, unknown options, and when both are false
---- may switch: no
---@param f function
---@param duration number
---@param options? { leading?: boolean, trailing?: boolean }
---@return function call
---@return function cancel
function goroutine.throttle(f, duration, options) end

---Waits for the first of several goroutines to end.
---
---- durations: in milliseconds
---- errors: raises for an empty list and for a non-handle with its index
---- may switch: if it has to wait
---@param list sloth.goroutine[]
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return integer|nil index
---@return boolean
---@return any error
---@return any ...
function goroutine.await_any(list, timeout) end

---Makes an object that gives every published value to each of its subscribers.
---
---- errors: raises for unknown options and wrong values
---- may switch: no
---@param options? { buffer?: integer, on_full?: "block"|"drop_oldest"|"drop_newest" }
---@return sloth.broadcaster
function goroutine.broadcaster(options) end

---Makes a context that ends when it is cancelled: the root of a tree.
---
---- may switch: no
---@return sloth.context
function goroutine.context() end

---Makes a group of goroutines that fail together, of which at most `limit` run at once.
---
---- errors: raises for limit < 1 and unknown options
---- may switch: no
---@param ctx? sloth.context
---@param options? { limit?: integer }
---@return sloth.errgroup
---@overload fun(options?: { limit?: integer }): sloth.errgroup
function goroutine.errgroup(ctx, options) end

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
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return any error
---@return any ...
function goroutine_methods:await(timeout) end
