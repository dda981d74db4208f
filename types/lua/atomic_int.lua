---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.atomic_int
local atomic_int_methods = {}

---Adds `d` and returns the new value.
---
---- may switch: no
---@param d integer
---@return integer
function atomic_int_methods:add(d) end

---The value.
---
---- may switch: no
---@return integer
function atomic_int_methods:load() end

---Sets the value.
---
---- may switch: no
---@param v integer
function atomic_int_methods:store(v) end

---Sets the value and returns the one before.
---
---- may switch: no
---@param v integer
---@return integer
function atomic_int_methods:swap(v) end

---Sets the value to `new` if it is `old`; tells whether it was.
---
---- may switch: no
---@param old integer
---@param new integer
---@return boolean
function atomic_int_methods:compare_and_swap(old, new) end
