---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.wait_group
local wait_group_methods = {}

---Adds `n` (1) to the counter.
---
---- errors: raises `negative WaitGroup counter`
---- may switch: no
---@param n? integer
function wait_group_methods:add(n) end

---Takes one off the counter.
---
---- errors: raises `negative WaitGroup counter`
---- may switch: no
function wait_group_methods:done() end

---Waits until the counter is zero.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return string|nil message
function wait_group_methods:wait(timeout) end

---Adds one, starts `f(...)` as a goroutine, and takes one off when that has ended.
---
---- errors: raises when f is not a function
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine
---@overload fun(ctx: sloth.context, f: function, ...: any): sloth.goroutine
function wait_group_methods:go(f, ...) end
