import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript} from './script.js';

describe.concurrent('a cond', () => {
  itReturns([
    [
      'lets a goroutine wait until another tells it',
      `local c, ready = goroutine.cond(), false
      local mu = c:get_mutex()
      goroutine.shared(function() goroutine.sleep(5) mu:with(function() ready = true end) c:signal() end)
      mu:lock() local r while not ready do r = c:wait() end mu:unlock() return r, ready`,
      true,
      true,
    ],
    [
      'has a mutex of its own, always the same',
      'local c = goroutine.cond() return c:get_mutex() == c:get_mutex(), c:get_mutex():lock()',
      true,
      true,
    ],
    ['takes the mutex it is given', 'local mu = goroutine.mutex() return goroutine.cond(mu):get_mutex() == mu', true],
    [
      'shares a mutex with another cond',
      `local mu = goroutine.mutex()
      local empty, full, items, taken = goroutine.cond(mu), goroutine.cond(mu), 0, 0
      local wg = goroutine.wait_group()
      for p = 1, 2 do
        wg:go(function() for i = 1, 20 do mu:lock() while items == 2 do full:wait() end items = items + 1 empty:signal() mu:unlock() end end)
        wg:go(function() for i = 1, 20 do mu:lock() while items == 0 do empty:wait() end items = items - 1 taken = taken + 1 full:signal() mu:unlock() end end)
      end
      wg:wait() return taken, items`,
      40,
      0,
    ],
    [
      'holds its mutex again after waiting, and not meanwhile',
      'local c = goroutine.cond() local mu = c:get_mutex() mu:lock() local h = goroutine.shared(function() local free = mu:try_lock() mu:unlock() c:signal() return free end) c:wait() local _, free = h:await() return free, mu:try_lock(), pcall(mu.unlock, mu)',
      true,
      false,
      true,
    ],
    [
      'is waited for at most some time, and the mutex is held again',
      'local c = goroutine.cond() c:get_mutex():lock() local a, b = c:wait(5) local d, e = c:wait{timeout = 5} return a, b, d, e, pcall(c:get_mutex().unlock, c:get_mutex())',
      false,
      'timeout',
      false,
      'timeout',
      true,
    ],
    [
      'takes the mutex again however long that takes',
      'local c = goroutine.cond() local mu = c:get_mutex() mu:lock() goroutine.shared(function() mu:lock() goroutine.sleep(40) mu:unlock() end) local t = goroutine.now() local a, b = c:wait(5) return a, b, goroutine.now() - t > 30',
      false,
      'timeout',
      true,
    ],
    [
      'is waited for until a context ends, which is told after taking the mutex again',
      'local ctx, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) local c = goroutine.cond() local mu = c:get_mutex() mu:lock() goroutine.shared(function() mu:lock() goroutine.sleep(20) mu:unlock() end) local a, b = c:wait(ctx) return a, b, mu:try_lock(), pcall(mu.unlock, mu)',
      false,
      'context canceled',
      false,
      true,
    ],
    [
      'signals who has waited longest',
      'local c, order, wg = goroutine.cond(), {}, goroutine.wait_group() for i = 1, 3 do wg:go(function() c:get_mutex():with(function() c:wait() order[#order + 1] = i end) end) goroutine.sleep(0) end c:signal() goroutine.sleep(2) local first = table.concat(order) c:broadcast() wg:wait() return first, table.concat(order)',
      '1',
      '123',
    ],
    [
      'keeps no signal',
      'local c = goroutine.cond() c:signal() c:broadcast() c:get_mutex():lock() return c:wait(5)',
      false,
      'timeout',
    ],
    [
      'tells that the mutex was abandoned meanwhile',
      'local c = goroutine.cond() local mu = c:get_mutex() mu:lock() goroutine.shared(function() mu:lock() c:signal() end) local a, b = c:wait() goroutine.shared(function() mu:lock() end) local d, e, f = c:wait(20) return a, b, d, e, f',
      true,
      'abandoned',
      false,
      'timeout',
      'abandoned',
    ],
    [
      'that was cancelled holds the mutex again while handlers clean up',
      `local c, seen = goroutine.cond(), {}
      local mu = c:get_mutex()
      local h = goroutine.shared(function()
        defer(function() seen[1] = mu:try_lock() seen[2] = pcall(mu.unlock, mu) end)
        mu:lock() c:wait()
      end)
      goroutine.sleep(2)
      mu:lock() h:cancel() goroutine.sleep(5) local before = #seen mu:unlock()
      local _, why, kind = h:await()
      return before, seen[1], seen[2], kind, mu:try_lock()`,
      0,
      false,
      true,
      'cancelled',
      true,
    ],
    [
      'is left by goroutine.timeout',
      'local c = goroutine.cond() local ok, why = goroutine.timeout(10, function() c:get_mutex():with(c.wait, c) end) return ok, why, c:get_mutex():try_lock()',
      false,
      'timeout exceeded',
      true,
    ],
    [
      'is waited for where Lua cannot yield',
      'local c = goroutine.cond() local mu = c:get_mutex() local h = goroutine.shared(function() return (("x"):gsub("x", function() mu:lock() c:wait() mu:unlock() return "y" end)) end) goroutine.sleep(5) mu:lock() c:signal() goroutine.sleep(5) mu:unlock() return h:await()',
      true,
      'y',
    ],
    [
      'is waited for inside pcall, a coroutine and an iterator',
      `local c, n = goroutine.cond(), 0
      local mu = c:get_mutex()
      goroutine.shared(function() for i = 1, 3 do goroutine.sleep(2) mu:with(function() n = n + 1 end) c:broadcast() end end)
      local seen = 0
      for value in coroutine.wrap(function() mu:lock() for i = 1, 3 do while n < i do pcall(c.wait, c) end coroutine.yield(i) end mu:unlock() end) do seen = seen + value end
      return seen`,
      6,
    ],
    [
      'wakes goroutines on other islands',
      `local c, state, list = goroutine.cond(), goroutine.atomic_int(), {}
      local mu = c:get_mutex()
      for i = 1, 3 do
        list[i] = goroutine.parallel(function() mu:lock() while state:load() == 0 do c:wait() end mu:unlock() return i end)
      end
      goroutine.sleep(10)
      mu:with(function() state:store(1) end) c:broadcast()
      local sum = 0 for i = 1, 3 do sum = sum + select(2, list[i]:await()) end return sum`,
      6,
    ],
  ]);

  itRaises([
    [
      'is waited for with the mutex',
      'goroutine.cond():wait()',
      'cond: wait needs its mutex: cond:get_mutex():lock() first',
    ],
    [
      'is not waited for with the mutex of another',
      'local c = goroutine.cond() goroutine.shared(function() c:get_mutex():lock() goroutine.sleep(20) end) goroutine.sleep(0) c:wait()',
      'cond: wait needs its mutex',
    ],
    ['takes mutexes only', 'goroutine.cond(goroutine.rwmutex())', /#1 to 'cond' \(mutex expected, got rwmutex\)/],
    ['is not waited for a negative time', 'goroutine.cond():wait(-1)', /bad argument #1 to 'wait'.*negative/],
    ['is told from other handles', 'goroutine.cond().signal(goroutine.mutex())', /cond expected, got mutex/],
  ]);

  it('in a deadlock is what its goroutine is blocked in, also when another holds the mutex', async () => {
    const source = `local c = goroutine.cond()
local h = go.spawn(function() c:get_mutex():lock() c:wait() end)
goroutine.sleep(2) c:get_mutex():lock() channel.make():receive()`;
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain('goroutine 2 is blocked in cond wait at script:2');
    expect(message).toContain('main goroutine 1 is blocked in channel receive at script:3');
  });
});
