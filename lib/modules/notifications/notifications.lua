-- The Lua part of the module `notifications`: what goes nowhere is said once.
local library, host = ...
local warn = library "log.warn"
local dispatch = host "dispatch"

return {
  send = function(message)
    local sent, problem, first = dispatch(message)
    if first then warn(problem .. ": runner_config.notifications has neither this type nor default") end
    if sent then return true end
    return nil, problem
  end,
}
