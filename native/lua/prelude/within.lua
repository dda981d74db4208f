-- Waits that a context may end. Wherever a module takes a timeout it takes a context, too, or {timeout =, ctx =}.
local library = ...
local check = library "prelude.check"
local describe = library "internal.describe"
local error = library "_G.error"
local match = library "string.match"
local pack = library "table.pack"
local timeout = library "goroutine.timeout"
local type = library "_G.type"
local unpack = library "table.unpack"

local within = {}

-- The time and the context of a limit, as far as it has them.
function within.parts(name, argument, what, limit)
  if describe(limit) == "context" then return nil, limit end
  if type(limit) ~= "table" then return limit, nil end
  check.options(name, argument, what, {"timeout", "ctx"}, limit)
  if limit.ctx ~= nil then check.context(name, argument, "option 'ctx'", limit.ctx) end
  return limit.timeout, limit.ctx
end

-- Calls f, without a context at once, else in a goroutine that the context ends: true and its results, or false and what the
-- context says. Raises what f raises.
function within.call(ctx, f, ...)
  if ctx == nil then return true, f(...) end
  local results = pack(timeout({ctx = ctx}, f, ...))
  if results[1] then return unpack(results, 1, results.n) end
  local problem = results[2]
  if problem ~= nil and problem == ctx:err() then return false, problem end
  error(type(problem) == "string" and match(problem, "^(.-)\nstack traceback:\n") or problem, 0)
end

return within
