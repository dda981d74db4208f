---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.mutex
local mutex_methods = {}

---Waits for the mutex and takes it; `"abandoned"` says that its last holder ended without giving it back.
---
---- durations: in milliseconds
---- errors: raises when the caller holds it
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return "abandoned"|string|nil message
function mutex_methods:lock(timeout) end

---Gives the mutex back.
---
---- errors: raises `unlock of unlocked mutex`
---- may switch: no
function mutex_methods:unlock() end

---Takes the mutex if nobody holds it.
---
---- may switch: no
---@return boolean
---@return "abandoned"|nil
function mutex_methods:try_lock() end

---Calls `f(...)` while holding the mutex and returns its results.
---
---- errors: raises what f raises
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return any ...
function mutex_methods:with(f, ...) end
