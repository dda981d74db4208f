---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.notificationslib
notifications = {}

---Sends a message to the channels that runner_config.notifications has for its type (info by default), else for default. A channel is {slack = webhook_url or {webhook_url =, channel =}}, {ntfy = topic or {topic =, server =, priority =, token =}}, {webhook = url or {url =, headers =}}, {email = {to =, from =, server = "smtp://..."}} or {command = line or list}. Where there is none, that is warned of once.
---
---- errors: raises for a wrong message; wrong channels and failures come back as nil and a message
---- permission: `--allow-net`
---- may switch: yes
---@param message { message: string, type?: string, title?: string, fields?: table }
---@return true|nil
---@return string|nil message
function notifications.send(message) end

---Sends a message to a webhook of Slack.
---
---- errors: raises for a wrong message
---- permission: `--allow-net`
---- may switch: yes
---@param message { webhook_url: string, message: string, pipeline?: string, error_details?: string }
---@return true|nil
---@return string|nil message
function notifications.slack(message) end

---Publishes a message on a topic of ntfy.
---
---- errors: raises for a wrong message
---- permission: `--allow-net`
---- may switch: yes
---@param message { topic: string, message: string, server?: string, title?: string, priority?: string|integer }
---@return true|nil
---@return string|nil message
function notifications.ntfy(message) end
