---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---Calls `f` when the current goroutine ends, however it ends; the last one first.
---
---- errors: raises when f is not a function
---- may switch: no
---@param f function
function defer(f) end
