---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.rwmutex
local rwmutex_methods = {}

---Waits until nobody holds the lock and takes it to write; `"abandoned"` says that its last writer ended without giving it back.
---
---- durations: in milliseconds
---- errors: raises when the caller holds it
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return "abandoned"|string|nil message
function rwmutex_methods:lock(timeout) end

---Gives back the lock that the caller holds to write.
---
---- errors: raises `unlock of unlocked rwmutex`
---- may switch: no
function rwmutex_methods:unlock() end

---Takes the lock to write if nobody holds it.
---
---- may switch: no
---@return boolean
---@return "abandoned"|nil
function rwmutex_methods:try_lock() end

---Calls `f(...)` while holding the lock to write and returns its results.
---
---- errors: raises what f raises
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return any ...
function rwmutex_methods:with(f, ...) end

---Waits until nobody writes, and no writer waits, and takes the lock to read; who reads already may do so again.
---
---- durations: in milliseconds
---- errors: raises when the caller holds it for writing
---- may switch: if it has to wait
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return boolean
---@return "abandoned"|string|nil message
function rwmutex_methods:rlock(timeout) end

---Gives back one lock that the caller holds to read.
---
---- errors: raises `runlock of unlocked rwmutex`
---- may switch: no
function rwmutex_methods:runlock() end

---Takes the lock to read if nobody writes and no writer waits.
---
---- may switch: no
---@return boolean
---@return "abandoned"|nil
function rwmutex_methods:try_rlock() end

---Calls `f(...)` while holding the lock to read and returns its results.
---
---- errors: raises what f raises
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return any ...
function rwmutex_methods:rwith(f, ...) end
