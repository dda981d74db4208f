---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.envlib
env = {}

---Tells the value of an environment variable, or the default where there is none.
---
---- errors: raises when the variable may not be read
---- permission: `--allow-env`
---- may switch: yes
---@param name string
---@param default? any
---@return any value
function env.get(name, default) end

---Tells whether there is an environment variable of that name.
---
---- errors: raises when the variable may not be read
---- permission: `--allow-env`
---- may switch: yes
---@param name string
---@return boolean
function env.has(name) end

---Gives all environment variables that may be read, by name.
---
---- permission: `--allow-env`
---- may switch: yes
---@return table variables
function env.all() end
