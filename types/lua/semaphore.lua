---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.semaphore
local semaphore_methods = {}

---Waits until `k` (1) permits are free and takes them.
---
---- durations: in milliseconds
---- errors: raises when k is more than the capacity
---- may switch: if it has to wait
---@param k? integer
---@param timeout? number
---@return boolean
---@return string|nil message
function semaphore_methods:acquire(k, timeout) end

---Takes `k` (1) permits if they are free and nobody waits.
---
---- errors: raises when k is more than the capacity
---- may switch: no
---@param k? integer
---@return boolean
function semaphore_methods:try_acquire(k) end

---Gives `k` (1) permits back, whoever took them.
---
---- errors: raises `semaphore: release without acquire`
---- may switch: no
---@param k? integer
function semaphore_methods:release(k) end

---Calls `f(...)` while holding one permit and returns its results.
---
---- errors: raises what f raises
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return any ...
function semaphore_methods:with(f, ...) end

---How many permits are free.
---
---- may switch: no
---@return integer
function semaphore_methods:available() end

---How many permits there are.
---
---- may switch: no
---@return integer
function semaphore_methods:capacity() end
