---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.eventlib
event = {}

---Tells everybody who listens for events of that type. A run that dispatched something ends when its handlers are done, but waits no longer than 5 s.
---
---- errors: raises where `runner_config.enable_events` is false
---- may switch: yes
---@param type string
---@param data? table
---@return true
function event.dispatch(type, data) end

---Dispatches an event of the type `custom` with a name and a message.
---
---- errors: raises where `runner_config.enable_events` is false
---- may switch: yes
---@param name string
---@param message string
---@return true
function event.dispatch_custom(name, message) end

---Dispatches an event of the type `file.created`, `file.modified` or `file.deleted`.
---
---- errors: raises for another action, and where `runner_config.enable_events` is false
---- may switch: yes
---@param action "created"|"modified"|"deleted"
---@param path string
---@param watcher? string
---@return true
function event.dispatch_file(action, path, watcher) end

---Calls `f{type =, time =, data =}` for each event whose type matches, `*` being anything: in a goroutine of its own, one after the other. It listens until the task or script that called this ends; where a task file calls it while it is read, until the run ends. When more wait than the buffer holds (1000), the oldest are dropped and counted.
---
---- errors: raises where `runner_config.enable_events` is false
---- may switch: yes
---@param pattern string
---@param f function
---@param options? { buffer?: integer }
---@return sloth.subscription subscription
function event.on(pattern, f, options) end
