---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.errgroup
local errgroup_methods = {}

---Starts `f(...)` in the group, once there is a place for it.
---
---- errors: raises when f is not a function, and when a wait for the group has returned
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return sloth.goroutine
function errgroup_methods:go(f, ...) end

---As `go`, if there is a place at once.
---
---- errors: raises when f is not a function, and when a wait for the group has returned
---- may switch: no
---@param f function
---@param ... any
---@return sloth.goroutine|nil
---@return string|nil message
function errgroup_methods:try_go(f, ...) end

---Waits until all of the group have ended; tells the first error, if there was one.
---
---- durations: in milliseconds
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return any error
function errgroup_methods:wait(timeout) end

---The context of the group, which ends with the first error or when `wait` returns.
---
---- may switch: no
---@return sloth.context
function errgroup_methods:context() end
