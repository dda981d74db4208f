import {describe} from 'vitest';
import {itRaises, itReturns} from './script.js';

describe.concurrent('a semaphore', () => {
  itReturns([
    [
      'gives out as many permits as it has',
      'local s = goroutine.semaphore(2) return s:acquire(), s:acquire(), s:try_acquire(), s:available(), s:capacity()',
      true,
      true,
      false,
      0,
      2,
    ],
    ['gives several at once', 'local s = goroutine.semaphore(3) return s:acquire(3), s:available()', true, 0],
    [
      'takes them back, several at once too',
      'local s = goroutine.semaphore(3) s:acquire(3) local n = select("#", s:release()) local a = s:available() s:release(2) return n, a, s:available()',
      0,
      1,
      3,
    ],
    [
      'bounds how many are inside',
      'local s, inside, most, wg = goroutine.semaphore(3), 0, 0, goroutine.wait_group() for i = 1, 10 do wg:go(function() s:acquire() inside = inside + 1 most = math.max(most, inside) goroutine.sleep(1) inside = inside - 1 s:release() end) end wg:wait() return most, s:available()',
      3,
      3,
    ],
    [
      'serves who waits first, first, and lets no small request pass a big one',
      `local s, order, wg = goroutine.semaphore(4), {}, goroutine.wait_group()
      s:acquire(2)
      local function take(name, k) wg:go(function() s:acquire(k) order[#order + 1] = name s:release(k) end) goroutine.sleep(0) end
      take("big", 4) take("small", 1) take("smaller", 1)
      local tried, free = s:try_acquire(), s:available()
      s:release(2) wg:wait() return tried, free, table.concat(order, " ")`,
      false,
      2,
      'big small smaller',
    ],
    [
      'is waited for at most some time, with or without a number',
      'local s = goroutine.semaphore(2) s:acquire(2) local a, b = s:acquire(1, 5) local c, d = s:acquire{timeout = 5} return a, b, c, d, s:acquire(2, {timeout = 5})',
      false,
      'timeout',
      false,
      'timeout',
      false,
      'timeout',
    ],
    [
      'is waited for until a context ends',
      'local ctx, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) local s = goroutine.semaphore(1) s:acquire() local a, b = s:acquire(ctx) return a, b, s:acquire(1, {ctx = ctx, timeout = 9000})',
      false,
      'context canceled',
      false,
      'context canceled',
    ],
    [
      'lets the others go when a big request gives up',
      'local s = goroutine.semaphore(2) s:acquire() goroutine.shared(function() s:acquire(2, 20) end) goroutine.sleep(0) return goroutine.shared(function() return s:acquire() end):await()',
      true,
      true,
    ],
    [
      'lets the others go when a big request is cancelled',
      'local s = goroutine.semaphore(2) s:acquire() local big = goroutine.shared(function() s:acquire(2) end) goroutine.sleep(0) local h = goroutine.shared(function() return s:acquire() end) goroutine.sleep(0) big:cancel() return h:await()',
      true,
      true,
    ],
    [
      'does not care who gives a permit back',
      'local s = goroutine.semaphore(1) s:acquire() goroutine.async(function() s:release() end):await() return s:available()',
      1,
    ],
    [
      'keeps the permits of a goroutine that ended',
      'local s = goroutine.semaphore(1) goroutine.async(function() s:acquire() end):await() return s:available()',
      0,
    ],
    [
      'lends a permit to a function',
      'local s = goroutine.semaphore(2) local a, b, c = s:with(function(x, y) return x, y, s:available() end, 5, nil) return a, b, c, s:available()',
      5,
      undefined,
      1,
      2,
    ],
    [
      'gets it back after an error',
      'local s = goroutine.semaphore(1) local ok, e = pcall(s.with, s, error, "x", 0) return ok, e, s:available()',
      false,
      'x',
      1,
    ],
    [
      'gets it back from a function that is cancelled',
      'local s = goroutine.semaphore(1) local h = goroutine.shared(function() s:with(goroutine.sleep, 9000) end) goroutine.sleep(2) local during = s:available() h:cancel() h:await() return during, s:available()',
      0,
      1,
    ],
    [
      'gets nothing back from who was cancelled while waiting for one',
      'local s = goroutine.semaphore(1) s:acquire() local h = goroutine.shared(function() s:with(print) end) goroutine.sleep(2) h:cancel() h:await() local a = s:available() s:release() return a, s:available()',
      0,
      1,
    ],
    [
      'is waited for inside a coroutine, pcall and an iterator',
      `local s = goroutine.semaphore(1) s:acquire()
      local h = goroutine.shared(function()
        local n = 0
        for _ in coroutine.wrap(function() for i = 1, 3 do pcall(s.with, s, function() n = n + 1 end) coroutine.yield(i) end end) do end
        return n
      end)
      goroutine.sleep(2) s:release() return h:await()`,
      true,
      3,
    ],
    [
      'bounds goroutines on many islands',
      `local s, inside, most, wg = goroutine.semaphore(2), goroutine.atomic_int(), goroutine.atomic_int(), goroutine.wait_group()
      for i = 1, 4 do
        wg:add()
        goroutine.parallel(function()
          for k = 1, 100 do
            s:acquire()
            if inside:add(1) > 2 then most:add(1) end
            inside:add(-1)
            s:release()
          end
          wg:done()
        end)
      end
      wg:wait() return most:load(), s:available()`,
      0,
      2,
    ],
  ]);

  itReturns([
    [
      'takes no more back than it gave',
      'local s = goroutine.semaphore(2) s:acquire() local _, e = pcall(s.release, s, 2) return e, s:available()',
      'semaphore: release without acquire',
      1,
    ],
    [
      'refuses what could never succeed',
      'local s = goroutine.semaphore(2) local _, e = pcall(s.acquire, s, 3) return e, pcall(s.try_acquire, s, 3)',
      'semaphore: acquire of 3 would wait for ever: the capacity is 2',
      false,
      'semaphore: acquire of 3 would wait for ever: the capacity is 2',
    ],
  ]);

  itRaises([
    ['has permits', 'goroutine.semaphore(0)', /bad argument #1 to 'semaphore' \(an integer of at least 1 was expected/],
    ['is told how many', 'goroutine.semaphore()', /bad argument #1 to 'semaphore' \(number expected, got no value\)/],
    ['has whole permits', 'goroutine.semaphore(1.5)', /#1 to 'semaphore' \(number has no integer representation\)/],
    ['gives whole permits', 'goroutine.semaphore(2):acquire(0.5)', /#1 to 'acquire' \(number has no integer/],
    ['gives no nil', 'goroutine.semaphore(2):acquire(nil, 5)', /#1 to 'acquire' \(number expected, got nil\)/],
    ['gives one at least', 'goroutine.semaphore(2):acquire(0)', /#1 to 'acquire' \(an integer of at least 1.*got 0\)/],
    ['takes back one at least', 'goroutine.semaphore(2):release(-1)', /#1 to 'release' \(an integer of at least 1/],
    ['is not waited for a negative time', 'goroutine.semaphore(1):acquire(1, -1)', /#2 to 'acquire'.*negative/],
    ['calls functions only', 'goroutine.semaphore(1):with(3)', /#1 to 'with' \(function expected, got number\)/],
    [
      'is told from other handles',
      'goroutine.semaphore(1).acquire(goroutine.latch(1))',
      /semaphore expected, got latch/,
    ],
  ]);
});
