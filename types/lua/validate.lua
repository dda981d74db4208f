---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.validatelib
validate = {}

---Tells whether a table has a value under each of these names.
---
---- may switch: no
---@param value table
---@param names string[]
---@return boolean
---@return string|nil message
function validate.required(value, names) end

---Tells whether a value is of a type of Lua, or `integer`, `float` or `list`.
---
---- errors: raises for a name that is no type
---- may switch: no
---@param value any
---@param name string
---@return boolean
---@return string|nil message
function validate.type(value, name) end

---Tells whether a value is a number from `least` to `most`, both included.
---
---- may switch: no
---@param value any
---@param least? number
---@param most? number
---@return boolean
---@return string|nil message
function validate.range(value, least, most) end

---Tells whether a value fits a JSON Schema.
---
---- errors: raises for a schema that cannot be checked
---- may switch: yes
---@param value any
---@param schema table
---@return boolean
---@return string|nil message
function validate.schema(value, schema) end
