---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.watcherlib
watcher = {}

watcher.register = {}

---Watches a file: `file.created`, `file.modified`, `file.deleted`. With check_hash only another content is a change. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-read`
---- may switch: yes
---@param config { path: string, check_hash?: boolean, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.file(config) end

---Watches what is in a folder: `file.created`, `file.modified`, `file.deleted`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-read`
---- may switch: yes
---@param config { path: string, check_hash?: boolean, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.directory(config) end

---Watches whether a process of a name, or of a number, runs: `process.started`, `process.stopped`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-read`
---- may switch: yes
---@param config { process?: string, pid?: integer, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.process(config) end

---Watches whether somebody listens at a port, of 127.0.0.1 unless host says otherwise: `port.opened`, `port.closed`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-net`
---- may switch: yes
---@param config { port: integer, host?: string, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.port(config) end

---Watches whether systemd says that a service is active: `service.started`, `service.stopped`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-exec`
---- may switch: yes
---@param config { service: string, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.service(config) end

---Watches how busy the processors are, in percent, from look to look: `cpu.high`, `cpu.normal`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- may switch: yes
---@param config { threshold: number, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.cpu(config) end

---Watches how much of the memory is in use, in percent: `memory.high`, `memory.normal`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- may switch: yes
---@param config { threshold: number, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.memory(config) end

---Watches for new lines of a file that match a pattern of `regex`: `log.matched`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-read`
---- may switch: yes
---@param config { path: string, pattern: string, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.log(config) end

---Watches whether a command succeeds; a list runs without a shell: `command.succeeded`, `command.failed`. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- permission: `--allow-exec`
---- may switch: yes
---@param config { command: string|string[], timeout?: number|string, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.command(config) end

---Watches what a function says: `custom.triggered` when it returns something true for the first time, with that as value, `custom.ended` when it does no more. It looks every 5 seconds (interval), and dispatches events for those changes that `when` lists, or as `event` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.
---
---- durations: in seconds
---- errors: raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false
---- may switch: yes
---@param config { check: function, name?: string, interval?: number|string, when?: string|string[], event?: string }
---@return string id
function watcher.register.custom(config) end

---Ends a watcher; false when there is none of that id.
---
---- may switch: yes
---@param id string
---@return boolean
function watcher.unregister(id) end

---Lists the watchers that are registered.
---
---- may switch: yes
---@return { id: string, kind: string, name: string, interval: number }[] watchers
function watcher.list() end

---@class sloth.watcher
local watcher_methods = {}

---Stops watching; the channel closes.
---
---- may switch: yes
---@return true
function watcher_methods:close() end
