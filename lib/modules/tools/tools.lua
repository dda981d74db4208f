-- The Lua part of the module `tools`: what a tool says of its failure is raised where the tool was asked for.
local library, host = ...
local error = library "_G.error"
local run = host "execute_tool"

local function finish(ok, ...)
  if not ok then error((...), 3) end
  return ...
end

return {
  execute = function(name, params) return finish(run(name, params)) end,
}
