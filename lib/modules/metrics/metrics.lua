local library, host = ...
local now = library "goroutine.now"
local setmetatable = library "_G.setmetatable"
local stats = library "goroutine.stats"
local histogram, process_info = host "histogram", host "process_info"

local metrics = {}

local Timer <const> = {__close = function(timer) histogram(timer.name, now() - timer.began, timer.labels) end}

function metrics.timer(name, f, labels)
  local timer <close> = setmetatable({name = name, labels = labels, began = now()}, Timer)
  return f()
end

function metrics.runtime_info()
  local info, counts = process_info(), stats()
  info.goroutines, info.workers, info.islands = counts.live, counts.workers, counts.islands
  return info
end

return metrics
