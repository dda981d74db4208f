---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.toolslib
tools = {}

---Makes a function a tool of the whole runtime. The schema is a JSON Schema of its one parameter, a table. The same name again replaces the tool. Each execution is a goroutine of its own on the island of the function.
---
---- errors: raises for a name that is none, and for a schema that is none or uses what cannot be checked
---- may switch: yes
---@param name string
---@param schema table
---@param f function
function tools.register(name, schema, f) end

---Gives the tools there are, in order of their names; kind is "lua" or "host". Tools behind SLOTH_TOOLS_URL are not listed.
---
---- may switch: yes
---@return { name: string, schema: table, kind: string }[] tools
function tools.list() end

---Runs a tool: one that was registered, one of the host, or the endpoint SLOTH_TOOLS_URL, which gets POST /tools/NAME with the params as JSON.
---
---- errors: raises when there is no such tool, the params do not fit its schema, or it fails
---- may switch: yes
---@param name string
---@param params? table
---@return any ...
function tools.execute(name, params) end
