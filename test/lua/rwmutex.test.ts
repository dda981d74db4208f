import {describe} from 'vitest';
import {itRaises, itReturns} from './script.js';

describe.concurrent('an rwmutex', () => {
  itReturns([
    ['is locked with true', 'return goroutine.rwmutex():lock()', true],
    ['is locked for reading with true', 'return goroutine.rwmutex():rlock()', true],
    [
      'unlocks with nothing',
      'local rw = goroutine.rwmutex() rw:lock() local a = select("#", rw:unlock()) rw:rlock() return a, select("#", rw:runlock())',
      0,
      0,
    ],
    [
      'is held by many readers at once',
      'local rw, most, inside = goroutine.rwmutex(), 0, 0 local wg = goroutine.wait_group() for i = 1, 5 do wg:go(function() rw:rlock() inside = inside + 1 most = math.max(most, inside) goroutine.sleep(2) inside = inside - 1 rw:runlock() end) end wg:wait() return most',
      5,
    ],
    [
      'is held by one writer at a time, and by no reader meanwhile',
      `local rw, inside, wrong = goroutine.rwmutex(), 0, 0
      local wg = goroutine.wait_group()
      for i = 1, 4 do
        wg:go(function() for k = 1, 5 do rw:lock() if inside ~= 0 then wrong = wrong + 1 end inside = inside + 1 goroutine.sleep(0) inside = inside - 1 rw:unlock() end end)
        wg:go(function() for k = 1, 5 do rw:rlock() if inside ~= 0 then wrong = wrong + 1 end goroutine.sleep(0) rw:runlock() end end)
      end
      wg:wait() return wrong`,
      0,
    ],
    [
      'lets no new reader pass a writer that waits',
      `local rw, order = goroutine.rwmutex(), {}
      local wg = goroutine.wait_group()
      rw:rlock()
      wg:go(function() rw:lock() order[#order + 1] = "write" rw:unlock() end) goroutine.sleep(0)
      wg:go(function() rw:rlock() order[#order + 1] = "read" rw:runlock() end) goroutine.sleep(0)
      local tried = goroutine.shared(function() return rw:try_rlock() end) local _, free = tried:await()
      order[1] = "first" rw:runlock() wg:wait() return free, table.concat(order, " ")`,
      false,
      'first write read',
    ],
    [
      'is read again by who reads, also past a writer that waits',
      'local rw = goroutine.rwmutex() rw:rlock() local h = goroutine.shared(function() rw:lock() return "in" end) goroutine.sleep(0) local a, b = rw:rlock(), rw:try_rlock() rw:runlock() rw:runlock() local s = h:status() rw:runlock() return a, b, s, select(2, h:await())',
      true,
      true,
      'waiting',
      'in',
    ],
    [
      'is waited for at most some time',
      'local rw = goroutine.rwmutex() rw:lock() local h = goroutine.shared(function() local a, b = rw:lock(5) return a, b, rw:rlock{timeout = 5} end) return h:await()',
      true,
      false,
      'timeout',
      false,
      'timeout',
    ],
    [
      'is waited for until a context ends',
      'local ctx, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) local rw = goroutine.rwmutex() rw:lock() return goroutine.shared(function() local a, b = rw:lock(ctx) return a, b, rw:rlock{ctx = ctx} end):await()',
      true,
      false,
      'context canceled',
      false,
      'context canceled',
    ],
    [
      'lets readers in when the writer before them gives up',
      'local rw = goroutine.rwmutex() rw:rlock() goroutine.shared(function() rw:lock(20) end) goroutine.sleep(0) local h = goroutine.shared(function() return rw:rlock() end) return h:await()',
      true,
      true,
    ],
    [
      'lets readers in when the writer before them is cancelled',
      'local rw = goroutine.rwmutex() rw:rlock() local w = goroutine.shared(function() rw:lock() end) goroutine.sleep(0) local h = goroutine.shared(function() return rw:rlock() end) goroutine.sleep(0) w:cancel() return h:await()',
      true,
      true,
    ],
    [
      'can be tried',
      'local rw = goroutine.rwmutex() local a = rw:try_lock() local h = goroutine.shared(function() return rw:try_lock(), rw:try_rlock() end) return a, h:await()',
      true,
      true,
      false,
      false,
    ],
    [
      'is not taken by a try of its holder',
      'local rw = goroutine.rwmutex() rw:lock() local a, b = rw:try_lock(), rw:try_rlock() rw:unlock() rw:rlock() return a, b, rw:try_lock()',
      false,
      false,
      false,
    ],
    [
      'is released when its writer ends, and the next one is told once',
      'local rw = goroutine.rwmutex() goroutine.shared(function() rw:lock() end):await() local a, b = rw:rlock() rw:runlock() return a, b, rw:lock()',
      true,
      'abandoned',
      true,
    ],
    [
      'tells a try that it was abandoned',
      'local rw = goroutine.rwmutex() goroutine.async(function() rw:lock() error("x") end):await() return rw:try_rlock()',
      true,
      'abandoned',
    ],
    [
      'is released quietly when its readers end',
      'local rw = goroutine.rwmutex() goroutine.shared(function() rw:rlock() rw:rlock() end):await() return rw:lock()',
      true,
    ],
    [
      'is passed on when its writer is cancelled',
      'local rw = goroutine.rwmutex() local h = goroutine.shared(function() rw:lock() goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel() return rw:lock()',
      true,
      'abandoned',
    ],
    [
      'is locked for a function',
      'local rw = goroutine.rwmutex() return rw:with(function(a, b) return a + b, rw:try_rlock() end, 1, 2)',
      3,
      false,
    ],
    [
      'is locked for a function that reads',
      'local rw = goroutine.rwmutex() return rw:rwith(function(a, b) return a + b, goroutine.shared(function() return rw:try_rlock(), rw:try_lock() end):await() end, 1, 2)',
      3,
      true,
      true,
      false,
    ],
    [
      'is unlocked after an error of that function',
      'local rw = goroutine.rwmutex() local ok, e = pcall(rw.with, rw, error, "x", 0) local ok2, e2 = pcall(rw.rwith, rw, error, "y", 0) return ok, e, ok2, e2, rw:try_lock()',
      false,
      'x',
      false,
      'y',
      true,
    ],
    [
      'is unlocked when that function is cancelled',
      'local rw = goroutine.rwmutex() local h = goroutine.shared(function() rw:rwith(goroutine.sleep, 9000) end) goroutine.sleep(2) h:cancel() h:await() return rw:lock()',
      true,
    ],
    [
      'waits for its turn to call that function, in a coroutine and in pcall',
      'local rw = goroutine.rwmutex() rw:lock() local h = goroutine.shared(function() return coroutine.wrap(function() return pcall(rw.rwith, rw, function() return "in" end) end)() end) goroutine.sleep(2) rw:unlock() return h:await()',
      true,
      true,
      'in',
    ],
    [
      'is waited for where Lua cannot yield',
      'local rw = goroutine.rwmutex() rw:lock() goroutine.shared(function() goroutine.sleep(1) end) local h = goroutine.shared(function() return (("x"):gsub("x", function() rw:rlock() rw:runlock() return "y" end)) end) goroutine.sleep(2) rw:unlock() return h:await()',
      true,
      'y',
    ],
    [
      'is locked in an iterator',
      'local rw, n = goroutine.rwmutex(), 0 for _ in function() rw:rlock() n = n + 1 if n < 4 then return n end end do end return n, pcall(rw.lock, rw)',
      4,
      false,
      'deadlock: this goroutine holds the rwmutex for reading: runlock it before lock',
    ],
    [
      'guards what islands share',
      `local rw, ch, wg = goroutine.rwmutex(), channel.make(1), goroutine.wait_group()
      ch:send(0)
      for i = 1, 4 do
        wg:add()
        goroutine.parallel(function()
          for k = 1, 50 do rw:with(function() ch:send(ch:receive() + 1) end) rw:rwith(function() end) end
          wg:done()
        end)
      end
      wg:wait() return (ch:receive())`,
      200,
    ],
    [
      'is released when its writer ends on another island',
      'local rw, ch = goroutine.rwmutex(), channel.make() goroutine.parallel(function() rw:lock() ch:send(1) goroutine.sleep(5) end) ch:receive() return rw:rlock()',
      true,
      'abandoned',
    ],
    ['prints as what it is', 'return (tostring(goroutine.rwmutex()):gsub("0x%x+", "ADDRESS"))', 'rwmutex: ADDRESS'],
  ]);

  itReturns([
    [
      'cannot be locked again by its writer',
      'local rw = goroutine.rwmutex() rw:lock() return pcall(rw.lock, rw)',
      false,
      'deadlock: this goroutine already holds the rwmutex',
    ],
    [
      'cannot be read by its writer',
      'local rw = goroutine.rwmutex() rw:lock() return pcall(rw.rlock, rw)',
      false,
      'deadlock: this goroutine holds the rwmutex for writing: unlock it before rlock',
    ],
    [
      'cannot be upgraded',
      'local rw = goroutine.rwmutex() return rw:rwith(function() return pcall(rw.with, rw, print) end)',
      false,
      'deadlock: this goroutine holds the rwmutex for reading: runlock it before lock',
    ],
    [
      'cannot be unlocked when it is free',
      'local rw = goroutine.rwmutex() local _, a = pcall(rw.unlock, rw) return a, pcall(rw.runlock, rw)',
      'unlock of unlocked rwmutex',
      false,
      'runlock of unlocked rwmutex',
    ],
    [
      'cannot be unlocked by another',
      'local rw = goroutine.rwmutex() rw:lock() return goroutine.shared(function() return pcall(rw.unlock, rw) end):await()',
      true,
      false,
      'unlock of unlocked rwmutex',
    ],
    [
      'is unlocked as it was locked',
      'local rw = goroutine.rwmutex() rw:lock() local _, a = pcall(rw.runlock, rw) rw:unlock() rw:rlock() return a, pcall(rw.unlock, rw)',
      'runlock of unlocked rwmutex: this goroutine writes, which unlock ends',
      false,
      'unlock of unlocked rwmutex: this goroutine reads, which runlock ends',
    ],
  ]);

  itRaises([
    ['is not waited for a negative time', 'goroutine.rwmutex():rlock(-1)', /bad argument #1 to 'rlock'.*negative/],
    [
      'calls functions only',
      'goroutine.rwmutex():rwith(3)',
      /bad argument #1 to 'rwith' \(function expected, got number\)/,
    ],
    [
      'is told from a mutex',
      'goroutine.rwmutex().lock(goroutine.mutex())',
      /bad argument #1 to 'lock' \(rwmutex expected, got mutex\)/,
    ],
  ]);
});
