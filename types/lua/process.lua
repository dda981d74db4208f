---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.process
local process_methods = {}

---Waits until the process has ended; what it wrote went to its channels, and is not in the result.
---
---- durations: in seconds
---- may switch: yes
---@param timeout? string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }
---@return sloth.exec_result|nil result
---@return string|nil error
---@return boolean|nil failed
function process_methods:wait(timeout) end

---Sends a signal, `SIGTERM` without a name, to the process and all that it started; `false` when it has ended.
---
---- errors: raises for a name that is no signal
---- may switch: yes
---@param signal? string
---@return boolean
function process_methods:kill(signal) end

---Writes to the standard input of a process that was started with `stdin = true`.
---
---- may switch: yes
---@param text string
---@return boolean
---@return string|nil error
function process_methods:write(text) end

---Ends the standard input of the process.
---
---- may switch: yes
---@return true
function process_methods:close_stdin() end

---Tells whether the process runs.
---
---- may switch: yes
---@return boolean
function process_methods:is_running() end
