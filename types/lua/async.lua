---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.asynclib
async = {}

---Calls every function of a map or list in a goroutine of its own, at most so many at once, and gives the first result of each and the errors by their keys.
---
---- may switch: yes
---@param functions table
---@param most? integer
---@return table results
---@return table|nil errors
function async.parallel(functions, most) end

---Calls the functions of a list one after the other, each with the result of the one before; ends with the first error.
---
---- may switch: yes
---@param functions function[]
---@return table results
---@return any error
function async.sequence(functions) end

---Calls f in a goroutine of its own and stops it when the time is over.
---
---- durations: in seconds
---- errors: raises for a duration that is none
---- may switch: yes
---@param duration string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }
---@param f function
---@param ... any
---@return any
---@return any ...
function async.timeout(duration, f, ...) end

---Waits.
---
---- durations: in seconds
---- errors: raises for a duration that is none
---- may switch: yes
---@param duration string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }
---@return boolean|nil
---@return string|nil message
function async.sleep(duration) end
