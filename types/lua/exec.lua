---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.execlib
---@overload fun(command: string|string[], options?: { workdir?: string, env?: table, timeout?: string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }, stdin?: string, shell?: string, on_stdout?: function, on_stderr?: function }): sloth.exec_result, string|nil, boolean
exec = {}

---Runs a command line through the shell, or a list of a program and its arguments without one, and waits for its end.
---
---- durations: in seconds
---- errors: raises when the program may not be started, and when it writes more than 256 MiB
---- permission: `--allow-exec`
---- may switch: yes
---@param command string|string[]
---@param options? { workdir?: string, env?: table, timeout?: string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }, stdin?: string, shell?: string, on_stdout?: function, on_stderr?: function }
---@return sloth.exec_result result
---@return string|nil error
---@return boolean failed
function exec.run(command, options) end

---Starts a command and returns at once: the process has its lines as channels, `stdout` and `stderr`.
---
---- durations: in seconds
---- errors: raises when the program may not be started
---- permission: `--allow-exec`
---- may switch: yes
---@param command string|string[]
---@param options? { workdir?: string, env?: table, timeout?: string|number|sloth.context|{ timeout?: string|number, ctx?: sloth.context }, stdin?: string|true, shell?: string }
---@return sloth.process process
function exec.start(command, options) end
