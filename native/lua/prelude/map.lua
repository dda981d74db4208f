-- The same function for every element of a list, each in a goroutine of its own.
local library = ...
local await_all = library "goroutine.await_all"
local check = library "prelude.check"
local error = library "_G.error"
local make = library "channel.make"
local outcome = library "internal.outcome"
local patience = library "internal.patience"
local start = library "internal.start"

-- Cancels what still runs and waits until it has ended.
local function stop(handles, count)
  local running = {}
  for i = 1, count do
    local handle = handles[i]
    if handle then
      handle:cancel("another element failed")
      running[#running + 1] = handle
    end
  end
  await_all(running, patience())
end

local function map(list, f, options)
  check.is_a("map", 1, "", "table", list)
  check.is_a("map", 2, "", "function", f)
  local items, count = {}, #list
  for i = 1, count do items[i] = list[i] end
  local limit = count
  if options ~= nil then
    check.options("map", 3, "", {"workers"}, options)
    if options.workers ~= nil then limit = check.count("map", 3, "option 'workers'", 1, options.workers) end
  end
  local ended, handles, results = make(count), {}, {}
  local started = 0
  for finished = 1, count do
    while started < count and started - finished < limit - 1 do
      started = started + 1
      handles[started] = start(ended, started, f, items[started], started)
    end
    local index = ended:receive()
    local succeeded, value = outcome(handles[index])
    handles[index] = false
    if not succeeded then
      stop(handles, started)
      error(value, 0)
    end
    results[index] = value
  end
  return results
end

return {map = map}
