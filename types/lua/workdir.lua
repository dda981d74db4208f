---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.workdirlib
workdir = {}

---Tells the folder, as an absolute path: that of the running task, else the current one.
---
---- may switch: yes
---@return string path
function workdir.get() end

---Tells whether it is there.
---
---- errors: raises when it may not be read
---- permission: `--allow-read`
---- may switch: yes
---@return boolean
function workdir.exists() end

---Makes it, with the folders above, unless it is there.
---
---- errors: raises when it may not be written
---- permission: `--allow-write`
---- may switch: yes
---@return boolean
---@return string|nil message
function workdir.create() end

---As create: what is there stays.
---
---- errors: raises when it may not be written
---- permission: `--allow-write`
---- may switch: yes
---@return boolean
---@return string|nil message
function workdir.ensure() end

---Removes it with all that is in it, if this run has made it, for the task or by workdir.create. What was there before stays, and a message says so.
---
---- errors: raises when it may not be written
---- permission: `--allow-write`
---- may switch: yes
---@return boolean
---@return string|nil message
function workdir.cleanup() end

---As cleanup and then create: an empty folder. What was there before this run stays as it is, and a message says so.
---
---- errors: raises when it may not be written
---- permission: `--allow-write`
---- may switch: yes
---@return boolean
---@return string|nil message
function workdir.recreate() end
