---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.once
local once_methods = {}

---Calls `f(...)` if nobody did, or waits for who does; returns a copy of the results of the one call, or raises its error.
---
---- errors: raises what the first call raised
---- may switch: if it has to wait
---@param f function
---@param ... any
---@return any ...
function once_methods:call(f, ...) end
