---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.broadcaster
local broadcaster_methods = {}

---A channel of its own for everything that is published from now on; a closed one when the broadcaster is closed.
---
---- may switch: no
---@return sloth.channel
function broadcaster_methods:subscribe() end

---Ends a subscription and closes its channel, of which what it holds stays receivable; tells whether it was one.
---
---- may switch: no
---@param ch sloth.channel
---@return boolean
function broadcaster_methods:unsubscribe(ch) end

---Gives a value to every subscriber; returns how many took it.
---
---- durations: in milliseconds
---- errors: raises `publish on closed broadcaster`; a value that cannot be copied, with its path; nil
---- may switch: if it has to wait
---@param value any
---@param timeout? number|sloth.context|{ timeout?: number, ctx?: sloth.context }
---@return integer|false reached
---@return string|nil message
function broadcaster_methods:publish(value, timeout) end

---How many subscribers there are.
---
---- may switch: no
---@return integer
function broadcaster_methods:subscribers() end

---Ends all subscriptions; tells whether it was open.
---
---- may switch: no
---@return boolean
function broadcaster_methods:close() end
