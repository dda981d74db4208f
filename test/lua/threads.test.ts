// Goroutines of one island take the threads of those that ended: nothing of the earlier one may show.
import {describe} from 'vitest';
import {itReturns} from './script.js';

describe.concurrent('a goroutine on a thread that another one had', () => {
  itReturns([
    [
      'is not the coroutine that a program still knows',
      `local seen
       goroutine.shared(function() seen = coroutine.running() end):await()
       local same = 0
       for _ = 1, 50 do
         goroutine.shared(function() if coroutine.running() == seen then same = same + 1 end end):await()
       end
       return same, coroutine.status(seen)`,
      0,
      'dead',
    ],
    [
      'finds none of its values',
      `local weak = setmetatable({}, {__mode = "v"})
       goroutine.shared(function() local big = {} weak[1] = big end):await()
       goroutine.shared(function() goroutine.yield() end):await()
       collectgarbage() collectgarbage()
       return #weak`,
      0,
    ],
    [
      'returns its own results, and none where it has none',
      `local t = {}
       for i = 1, 20 do
         local h = goroutine.shared(function(...) if i % 2 == 0 then return ... end end, i, "x")
         t[i] = select("#", h:await())
       end
       return table.concat(t, " ")`,
      '1 3 1 3 1 3 1 3 1 3 1 3 1 3 1 3 1 3 1 3',
    ],
    [
      'runs as if none had failed, been cancelled, or gone deep before',
      `local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
       local sum = 0
       for i = 1, 40 do
         goroutine.shared(function() if i % 4 == 0 then error("x") end sum = sum + deep(i * 100) end):await()
         local h = goroutine.shared(function() goroutine.sleep(1e6) end)
         goroutine.yield()
         h:cancel()
         h:await()
         goroutine.shared(function() sum = sum + 1 end):await()
       end
       return sum`,
      60_040,
    ],
    [
      'has no deferred functions but its own',
      `local t = {}
       for i = 1, 6 do
         goroutine.shared(function() if i % 2 == 1 then defer(function() t[#t + 1] = i end) end end):await()
       end
       return table.concat(t, " ")`,
      '1 3 5',
    ],
    [
      'has no hook of the earlier one',
      `local calls = 0
       goroutine.shared(function() debug.sethook(function() calls = calls + 1 end, "c") tostring(1) end):await()
       local before = calls
       for _ = 1, 5 do goroutine.shared(function() return tostring(2) end):await() end
       return before > 0, calls - before`,
      true,
      0,
    ],
    [
      'works in whatever moment of a collection it starts',
      `local done = 0
       for _, mode in ipairs{"incremental", "generational", "incremental"} do
         collectgarbage(mode)
         for i = 1, 300 do
           for _ = 1, 3 do goroutine.shared(function() local t = {{}, {}} done = done + #t // 2 end) end
           collectgarbage("step", i % 3)
           goroutine.yield()
           if i % 50 == 0 then collectgarbage() end
         end
       end
       goroutine.yield()
       return done`,
      2700,
    ],
    [
      'leaves no memory behind that a collection would not free',
      `local function burst() for _ = 1, 500 do goroutine.shared(function() goroutine.yield() end) end repeat goroutine.yield() until goroutine.count() == 1 end
       burst() collectgarbage() collectgarbage()
       local before = collectgarbage("count")
       for _ = 1, 10 do burst() end
       collectgarbage() collectgarbage()
       return collectgarbage("count") - before < 20`,
      true,
    ],
  ]);
});

describe.concurrent('a goroutine started by a statement', () => {
  itReturns([
    [
      'gives its handle to whoever wants one',
      `local t = {}
       local function tail() return goroutine.shared(function() end) end
       t[1] = select("#", goroutine.spawn(function() end))
       t[2] = type(tail())
       t[3] = select(2, pcall(go, function() end)):id() > 0
       t[4] = #{go.spawn(function() end)}
       t[5] = (goroutine.wait_group():go(function() end)):status() ~= nil
       return table.unpack(t)`,
      1,
      'userdata',
      true,
      1,
      true,
    ],
    [
      'runs without one',
      `local c = channel.make(8)
       local group = goroutine.wait_group()
       go(c.send, c, 1) go.spawn(c.send, c, 2) goroutine.spawn(c.send, c, 4) goroutine.async(c.send, c, 8)
       goroutine.shared(c.send, c, 16) group:go(c.send, c, 32)
       local sum = 0
       for _ = 1, 6 do sum = sum + c:receive() end
       group:wait()
       return sum`,
      63,
    ],
    [
      'may be awaited through another way to it',
      `local id
       local c = channel.make()
       goroutine.shared(function() id = goroutine.id() c:receive() end)
       goroutine.yield()
       c:close()
       return math.type(id)`,
      'integer',
    ],
  ]);
});
