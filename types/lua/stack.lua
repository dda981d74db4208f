---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.stacklib
stack = {}

---Tells the name of the stack: that of `run --stack`, else of the file that runs.
---
---- may switch: yes
---@return string name
function stack.get_name() end

---Tells the id that the stack got with its first run, a UUID.
---
---- may switch: yes
---@return string id
function stack.get_id() end

---Tells how the stack stands, which is running as long as a program asks.
---
---- may switch: yes
---@return "running"
function stack.get_status() end

---Keeps a value for later runs; nil removes it.
---
---- errors: raises for what cannot be kept: functions, handles
---- may switch: yes
---@param name string
---@param value any
---@return true
function stack.set_output(name, value) end

---Tells the value, or the default where there is none.
---
---- may switch: yes
---@param name string
---@param default? any
---@return any value
function stack.get_output(name, default) end

---Notes a resource, and tells whether it is new, or differs from what was noted last.
---
---- errors: raises for a resource without type or name, and for what cannot be kept
---- may switch: yes
---@param resource { type: string, name: string, module?: string, properties?: table, dependencies?: table }
---@return "created"|"changed"|"unchanged" status
---@return { id: string, type: string, name: string, module: string, properties: table, dependencies: table, created_at: number, updated_at: number }|nil resource
function stack.register_resource(resource) end

---Tells what was noted of a resource.
---
---- may switch: yes
---@param type string
---@param name string
---@return { id: string, type: string, name: string, module: string, properties: table, dependencies: table, created_at: number, updated_at: number }|nil resource
---@return string|nil message
function stack.get_resource(type, name) end

---Sets properties of a resource; others stay as they are.
---
---- errors: raises for what cannot be kept
---- may switch: yes
---@param type string
---@param name string
---@param properties table
---@return { id: string, type: string, name: string, module: string, properties: table, dependencies: table, created_at: number, updated_at: number }|nil resource
---@return string|nil message
function stack.update_resource(type, name, properties) end

---Forgets a resource; false when there is none.
---
---- may switch: yes
---@param type string
---@param name string
---@return boolean
function stack.delete_resource(type, name) end

---Tells whether a resource was noted.
---
---- may switch: yes
---@param type string
---@param name string
---@return boolean
function stack.resource_exists(type, name) end
