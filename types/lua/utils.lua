---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.utilslib
utils = {}

---Tells the value of an environment variable, or the default where there is none.
---
---- errors: raises when the variable may not be read
---- permission: `--allow-env`
---- may switch: yes
---@param name string
---@param default? any
---@return any value
function utils.env(name, default) end

---Tells a secret: an environment variable, else what a file given with --secrets has under that name (a.b for what is nested). sloth-runner shows *** instead of it from then on, whatever prints it; one shorter than four characters is not hidden.
---
---- errors: raises when there is none of that name
---- permission: `--allow-env`
---- may switch: yes
---@param name string
---@return string secret
function utils.secret(name) end

---Tells what `runner_config` has at a path such as `resource_limits.max_memory`, or the default.
---
---- may switch: yes
---@param path string
---@param default? any
---@return any value
function utils.config(path, default) end
