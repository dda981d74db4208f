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
local function stop(handles, count, reason)
  local running = {}
  for i = 1, count do
    local handle = handles[i]
    if handle then
      handle:cancel(reason)
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
  local limit, context = count, nil
  if options ~= nil then
    check.options("map", 3, "", {"workers", "ctx"}, options)
    if options.workers ~= nil then limit = check.count("map", 3, "option 'workers'", 1, options.workers) end
    if options.ctx ~= nil then context = check.context("map", 3, "option 'ctx'", options.ctx) end
  end
  local ended, handles, results = make(count), {}, {}
  local started = 0
  for finished = 1, count do
    while started < count and started - finished < limit - 1 do
      started = started + 1
      handles[started] = start(ended, started, f, items[started], started)
    end
    local index, _, why = ended:receive(context)
    if not index then
      stop(handles, started, why)
      error(why, 0)
    end
    local succeeded, value = outcome(handles[index])
    handles[index] = false
    if not succeeded then
      stop(handles, started, "another element failed")
      error(value, 0)
    end
    results[index] = value
  end
  return results
end

return {map = map}
