---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.loglib
log = {}

---Writes a line for those who look for errors; shown with `--log-level debug`.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.debug(message, fields) end

---Writes a line with time and level to standard error; `fields` are appended as `key=value`.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.info(message, fields) end

---As `log.info`, for what went well.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.success(message, fields) end

---As `log.info`, for what may be wrong.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.warn(message, fields) end

---As `log.info`, for what is wrong.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.error(message, fields) end

---Writes a line without time and level to standard error.
---
---- errors: raises when fields is no table
---- may switch: no
---@param message any
---@param fields? table
function log.print(message, fields) end
