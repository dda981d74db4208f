local library, host = ...
local now = library "goroutine.now"
local pcall = library "_G.pcall"
local record = host "record"

local perf = {}

function perf.measure(f, name)
  local began = now()
  local ok, value = pcall(f)
  local ms = now() - began
  if name then record(name, ms, ok) end
  if ok then return value, ms, nil end
  return nil, ms, value
end

return perf
