-- How many ms goroutine.timeout takes to give up on a loop that never waits.
local limit = ...
local started = goroutine.now()
local ok, message = goroutine.timeout(limit, function() while true do end end)
local ms = goroutine.now() - started
assert(ok == false and message == "timeout exceeded", message)
return ms
