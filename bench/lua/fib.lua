-- CPU-bound work for stock Lua and for a goroutine alike: function calls. Returns the ms of CPU time it took.
local function work()
  local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
  end
  local started = os.clock()
  assert(fib(30) == 832040)
  return (os.clock() - started) * 1000
end

if not goroutine then return print(work()) end
return select(2, assert(goroutine.await(goroutine.parallel(work))))
