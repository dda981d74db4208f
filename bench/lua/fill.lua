-- `goroutines` of them fill a table of their parent with fib(n), behind a wait group. Milliseconds, and how many ran in parallel.
local goroutines, n = ...

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local results, wg = {}, goroutine.wait_group()
local expected = fib(n)
local before = goroutine.stats().parallel
local started = goroutine.now()
for i = 1, goroutines do
  wg:go(function() results[i] = fib(n) end)
end
wg:wait()
local ms = goroutine.now() - started
for i = 1, goroutines do assert(results[i] == expected) end
return ms, goroutine.stats().parallel - before
