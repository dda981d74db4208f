---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.golib
---@overload fun(f: function, ...: any): sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
go = {}

---Suspends the goroutine for a time; 0 lets others go first. With a context, or {timeout =, ctx =}: `true` when the time has passed, `false` and its message when the context ended before.
---
---- durations: in seconds
---- errors: raises for negative or NaN
---- may switch: yes
---@param duration number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean|nil
---@return string|nil message
function go.sleep(duration) end

---Starts `f(...)` as a goroutine; an error in it is printed when it happens. `go(f, ...)` is the same.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function go.spawn(f, ...) end

---As `goroutine.async`.
---
---- errors: raises when f is not a function, or without memory
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function go.create(f, ...) end

---As `goroutine.await_all`, with the timeout in seconds.
---
---- durations: in seconds
---- errors: raises for a non-handle with its index
---- may switch: if it has to wait
---@param list sloth.goroutine[]
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return { success: boolean, value?: any, values?: table, error?: any }[] outcomes
function go.wait_all(list, timeout) end
