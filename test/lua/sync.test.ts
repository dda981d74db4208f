import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('a wait group', () => {
  itReturns([
    [
      'waits for what it counts',
      'local wg, n = goroutine.wait_group(), goroutine.atomic_int() for i = 1, 5 do wg:add(1) go.spawn(function() goroutine.sleep(i) n:add(1) wg:done() end) end return wg:wait(), n:load()',
      true,
      5,
    ],
    ['adds one unless told otherwise', 'local wg = goroutine.wait_group() wg:add() wg:done() return wg:wait()', true],
    [
      'adds many at once',
      'local wg = goroutine.wait_group() wg:add(3) for i = 1, 3 do wg:done() end return wg:wait()',
      true,
    ],
    ['adds negative numbers', 'local wg = goroutine.wait_group() wg:add(3) wg:add(-3) return wg:wait()', true],
    ['is waited for at once when it counts nothing', 'return goroutine.wait_group():wait()', true],
    [
      'is waited for at most some time',
      'local wg = goroutine.wait_group() wg:add() return wg:wait(5)',
      false,
      'timeout',
    ],
    [
      'is waited for at most some time in a table',
      'local wg = goroutine.wait_group() wg:add() return wg:wait{timeout = 5}',
      false,
      'timeout',
    ],
    [
      'starts goroutines it counts',
      'local wg, n = goroutine.wait_group(), goroutine.atomic_int() for i = 1, 5 do wg:go(function(k) n:add(k) end, i) end wg:wait() return n:load()',
      15,
    ],
    ['returns their handles', 'return goroutine.wait_group():go(function() return 3 end):await()', true, 3],
    [
      'counts a goroutine off after its defers',
      'local wg, t = goroutine.wait_group(), {} wg:go(function() defer(function() goroutine.sleep(3) t[1] = "d" end) t[2] = "b" end) wg:wait() return t[1], t[2]',
      'd',
      'b',
    ],
    [
      'counts off a goroutine that was cancelled',
      'local wg = goroutine.wait_group() local h = wg:go(function() goroutine.sleep(9000) end) h:cancel() return wg:wait()',
      true,
    ],
    [
      'wakes everybody who waits',
      'local wg, n = goroutine.wait_group(), goroutine.wait_group() wg:add() for i = 1, 3 do n:go(function() wg:wait() end) end goroutine.sleep(5) wg:done() return n:wait()',
      true,
    ],
    [
      'may be used again',
      'local wg = goroutine.wait_group() for i = 1, 3 do wg:add() go.spawn(function() wg:done() end) wg:wait() end return wg:wait()',
      true,
    ],
  ]);

  itRaises([
    ['never counts below zero', 'goroutine.wait_group():done()', 'script:1: negative WaitGroup counter'],
    ['is not taken below zero', 'local wg = goroutine.wait_group() wg:add(2) wg:add(-3)', 'negative WaitGroup counter'],
    ['does not overflow', 'local wg = goroutine.wait_group() wg:add(math.maxinteger) wg:add(1)', /WaitGroup/],
    [
      'adds no fraction',
      'goroutine.wait_group():add(1.5)',
      /bad argument #1 to 'add' \(number has no integer representation\)/,
    ],
    ['adds no nil', 'goroutine.wait_group():add(nil)', /bad argument #1 to 'add' \(number expected, got nil\)/],
    [
      'starts functions only',
      'goroutine.wait_group():go(3)',
      /bad argument #1 to 'go' \(function expected, got number\)/,
    ],
    ['is not waited for a negative time', 'goroutine.wait_group():wait(-1)', /bad argument #1 to 'wait'.*negative/],
    [
      'is told from other handles',
      'goroutine.wait_group().wait(goroutine.mutex())',
      /bad argument #1 to 'wait' \(wait group expected, got mutex\)/,
    ],
  ]);

  it('that failed to start a goroutine counts nothing', async () => {
    expect(await valuesOf('local wg = goroutine.wait_group() pcall(wg.go, wg, 3) return wg:wait(100)')).toEqual([true]);
  });
});

describe.concurrent('a mutex', () => {
  itReturns([
    ['is locked with true', 'return goroutine.mutex():lock()', true],
    ['unlocks with nothing', 'local mu = goroutine.mutex() mu:lock() return select("#", mu:unlock())', 0],
    [
      'is held by one goroutine at a time',
      'local mu, inside, most = goroutine.mutex(), 0, 0 local wg = goroutine.wait_group() for i = 1, 5 do wg:go(function() for k = 1, 5 do mu:lock() inside = inside + 1 most = math.max(most, inside) goroutine.sleep(0) inside = inside - 1 mu:unlock() end end) end wg:wait() return most',
      1,
    ],
    [
      'serves who waits first, first',
      'local mu, order = goroutine.mutex(), {} mu:lock() local wg = goroutine.wait_group() for i = 1, 5 do wg:go(function() mu:lock() order[#order + 1] = i mu:unlock() end) goroutine.sleep(0) end mu:unlock() wg:wait() return table.concat(order)',
      '12345',
    ],
    [
      'goes to who waits, not to who asks again',
      'local mu, t = goroutine.mutex(), {} mu:lock() local h = goroutine.shared(function() mu:lock() t[#t + 1] = "waiter" mu:unlock() end) goroutine.sleep(0) mu:unlock() mu:lock() t[#t + 1] = "again" mu:unlock() h:await() return table.concat(t, " ")',
      'waiter again',
    ],
    [
      'is waited for at most some time',
      'local mu = goroutine.mutex() mu:lock() return (select(2, goroutine.async(function() return mu:lock(5) end):await()))',
      false,
    ],
    [
      'says timeout then',
      'local mu = goroutine.mutex() mu:lock() return goroutine.async(function() return mu:lock({timeout = 5}) end):await()',
      true,
      false,
      'timeout',
    ],
    [
      'can be tried',
      'local mu = goroutine.mutex() local a = mu:try_lock() return a, goroutine.async(function() return mu:try_lock() end):await()',
      true,
      true,
      false,
    ],
    ['is not taken by a try of its holder', 'local mu = goroutine.mutex() mu:lock() return mu:try_lock()', false],
    [
      'cannot be locked again by its holder',
      'local mu = goroutine.mutex() mu:lock() return pcall(mu.lock, mu)',
      false,
      'deadlock: this goroutine already holds the mutex',
    ],
    [
      'cannot be unlocked when it is free',
      'local mu = goroutine.mutex() return pcall(mu.unlock, mu)',
      false,
      'unlock of unlocked mutex',
    ],
    [
      'cannot be unlocked by another',
      'local mu = goroutine.mutex() mu:lock() return goroutine.async(function() return pcall(mu.unlock, mu) end):await()',
      true,
      false,
      'unlock of unlocked mutex',
    ],
    [
      'is released when its holder ends',
      'local mu = goroutine.mutex() goroutine.async(function() mu:lock() end):await() return mu:lock()',
      true,
      'abandoned',
    ],
    [
      'is released when its holder fails, and told once',
      'local mu = goroutine.mutex() goroutine.async(function() mu:lock() error() end):await() local _, a = mu:lock() mu:unlock() return a, mu:lock()',
      'abandoned',
      true,
    ],
    [
      'is passed on to who waits when its holder ends',
      'local mu = goroutine.mutex() goroutine.async(function() mu:lock() goroutine.sleep(10) end) goroutine.sleep(2) return mu:lock()',
      true,
      'abandoned',
    ],
    [
      'tells a try that it was abandoned',
      'local mu = goroutine.mutex() goroutine.async(function() mu:lock() end):await() return mu:try_lock()',
      true,
      'abandoned',
    ],
    [
      'is released after the defers of its holder',
      'local mu, t = goroutine.mutex(), {} goroutine.shared(function() defer(function() goroutine.sleep(2) mu:unlock() t[1] = "unlocked" end) mu:lock() end) goroutine.sleep(0) local a, b = mu:lock() return a, b, t[1]',
      true,
      none,
      'unlocked',
    ],
    [
      'is locked for a function',
      'local mu = goroutine.mutex() return mu:with(function(a, b) return a + b, mu:try_lock() end, 1, 2)',
      3,
      false,
    ],
    [
      'is unlocked after that function',
      'local mu = goroutine.mutex() mu:with(function() goroutine.sleep(1) end) return mu:try_lock()',
      true,
    ],
    [
      'is unlocked after an error of that function',
      'local mu = goroutine.mutex() local ok, e = pcall(mu.with, mu, function() error("x", 0) end) return ok, e, mu:try_lock()',
      false,
      'x',
      true,
    ],
    [
      'may be unlocked by that function itself',
      'local mu = goroutine.mutex() mu:with(function() mu:unlock() end) return mu:try_lock()',
      true,
    ],
    [
      'waits for its turn to call that function',
      'local mu = goroutine.mutex() mu:lock() goroutine.shared(function() goroutine.sleep(3) end) local h = goroutine.shared(function() return mu:with(function() return "in" end) end) goroutine.sleep(2) mu:unlock() return h:await()',
      true,
      'in',
    ],
    [
      'that was waited for in vain is free for others',
      'local mu = goroutine.mutex() mu:lock() local h = goroutine.shared(function() return mu:lock() end) goroutine.sleep(2) h:cancel() h:await() mu:unlock() return mu:try_lock()',
      true,
    ],
  ]);

  itRaises([
    ['is not waited for a negative time', 'goroutine.mutex():lock(-1)', /bad argument #1 to 'lock'.*negative/],
    [
      'calls functions only',
      'goroutine.mutex():with(3)',
      /bad argument #1 to 'with' \(function expected, got number\)/,
    ],
    [
      'is told from other handles',
      'goroutine.mutex().lock(channel.make())',
      /bad argument #1 to 'lock' \(mutex expected, got channel\)/,
    ],
  ]);

  it('keeps a counter right that many goroutines change while they wait', async () => {
    const source = `
      local mu, n, wg = goroutine.mutex(), 0, goroutine.wait_group()
      for i = 1, 20 do
        wg:go(function()
          for k = 1, 20 do mu:with(function() local old = n goroutine.sleep(0) n = old + 1 end) end
        end)
      end
      wg:wait() return n`;
    expect(await valuesOf(source)).toEqual([400]);
  });
});

describe.concurrent('an atomic integer', () => {
  itReturns([
    [
      'starts at zero or where it is told',
      'return goroutine.atomic_int():load(), goroutine.atomic_int(5):load(), goroutine.atomic_int(-1):load()',
      0,
      5,
      -1,
    ],
    [
      'adds and tells the new value',
      'local a = goroutine.atomic_int(1) return a:add(2), a:add(-5), a:load()',
      3,
      -2,
      -2,
    ],
    ['stores', 'local a = goroutine.atomic_int() a:store(9) return a:load()', 9],
    ['swaps and tells the old value', 'local a = goroutine.atomic_int(1) return a:swap(2), a:load()', 1, 2],
    [
      'swaps when it is as expected',
      'local a = goroutine.atomic_int(1) return a:compare_and_swap(1, 2), a:compare_and_swap(1, 3), a:load()',
      true,
      false,
      2,
    ],
    [
      'wraps around as integers do',
      'local a = goroutine.atomic_int(math.maxinteger) return a:add(1) == math.mininteger',
      true,
    ],
    ['takes floats with an integer value', 'return goroutine.atomic_int(2.0):load()', 2],
    [
      'loses nothing on many islands',
      'local a, wg = goroutine.atomic_int(), goroutine.wait_group() for i = 1, 4 do wg:add() goroutine.parallel(function() for k = 1, 5000 do a:add(1) end wg:done() end) end wg:wait() return a:load()',
      20_000,
    ],
  ]);

  itRaises([
    [
      'takes no fraction',
      'goroutine.atomic_int(1.5)',
      /bad argument #1 to 'atomic_int' \(number has no integer representation\)/,
    ],
    ['takes no nil', 'goroutine.atomic_int(nil)', /bad argument #1 to 'atomic_int' \(number expected, got nil\)/],
    ['adds a number', 'goroutine.atomic_int():add()', /bad argument #1 to 'add' \(number expected, got no value\)/],
    [
      'stores a whole number',
      'goroutine.atomic_int():store(0.5)',
      /bad argument #1 to 'store' \(number has no integer representation\)/,
    ],
    [
      'is told from a table',
      'goroutine.atomic_int().load({})',
      /bad argument #1 to 'load' \(atomic integer expected, got table\)/,
    ],
  ]);
});
