---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.exec_result
local exec_result_methods = {}

---Gives the lines of `stdout`. All methods of strings work on it, too.
---
---- may switch: yes
---@return string[] lines
function exec_result_methods:lines() end
