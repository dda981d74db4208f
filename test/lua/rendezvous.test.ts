import {describe} from 'vitest';
import {itRaises, itReturns} from './script.js';

describe.concurrent('a latch', () => {
  itReturns([
    [
      'opens when it was counted down',
      'local l = goroutine.latch(3) for i = 1, 3 do go.spawn(function() goroutine.sleep(i) l:count_down() end) end return l:wait(), l:count()',
      true,
      0,
    ],
    [
      'tells how many are left',
      'local l = goroutine.latch(5) return l:count(), l:count_down(), l:count_down(3), l:count()',
      5,
      4,
      1,
      1,
    ],
    [
      'stays open, whoever counts on',
      'local l = goroutine.latch(1) return l:count_down(7), l:wait(), l:count_down(), l:wait()',
      0,
      true,
      0,
      true,
    ],
    ['of nothing is open', 'return goroutine.latch(0):wait()', true],
    [
      'is waited for at most some time',
      'local l = goroutine.latch(1) local a, b = l:wait(5) return a, b, l:wait{timeout = 5}',
      false,
      'timeout',
      false,
      'timeout',
    ],
    [
      'is waited for until a context ends',
      'local ctx, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) return goroutine.latch(1):wait(ctx)',
      false,
      'context canceled',
    ],
    [
      'lets everybody go at once',
      'local l, wg = goroutine.latch(1), goroutine.wait_group() for i = 1, 4 do wg:go(function() l:wait() end) end goroutine.sleep(2) l:count_down() return wg:wait()',
      true,
    ],
    [
      'is waited for in vain by who is cancelled',
      'local l = goroutine.latch(1) local h = goroutine.shared(function() l:wait() end) goroutine.sleep(2) h:cancel() local _, _, kind = h:await() return kind, l:count_down()',
      'cancelled',
      0,
    ],
    [
      'is waited for inside pcall, a coroutine and where Lua cannot yield',
      'local l = goroutine.latch(2) go.spawn(function() goroutine.sleep(5) l:count_down(2) end) local a, b = pcall(coroutine.wrap(function() return l:wait() end)) return a, b, (("x"):gsub("x", function() return tostring(l:wait()) end))',
      true,
      true,
      'true',
    ],
    [
      'counts on all islands',
      'local l = goroutine.latch(40) for i = 1, 4 do goroutine.parallel(function() for k = 1, 10 do l:count_down() end end) end return l:wait(), goroutine.parallel(function() return l:wait() end):await()',
      true,
      true,
      true,
    ],
  ]);

  itRaises([
    [
      'counts no negative number',
      'goroutine.latch(-1)',
      /#1 to 'latch' \(an integer of at least 0 was expected, got -1\)/,
    ],
    ['is told how many', 'goroutine.latch()', /#1 to 'latch' \(number expected, got no value\)/],
    ['counts whole numbers', 'goroutine.latch(1.5)', /#1 to 'latch' \(number has no integer representation\)/],
    [
      'counts down by one at least',
      'goroutine.latch(1):count_down(0)',
      /#1 to 'count_down' \(an integer of at least 1/,
    ],
    ['is not waited for a negative time', 'goroutine.latch(1):wait(-1)', /#1 to 'wait'.*negative/],
    ['is told from other handles', 'goroutine.latch(1).wait(goroutine.barrier(1))', /latch expected, got barrier/],
  ]);
});

describe.concurrent('a barrier', () => {
  itReturns([
    [
      'lets its parties pass together',
      'local b, arrived, wrong, wg = goroutine.barrier(3), 0, 0, goroutine.wait_group() for i = 1, 3 do wg:go(function() goroutine.sleep(i) arrived = arrived + 1 b:wait() if arrived ~= 3 then wrong = wrong + 1 end end) end wg:wait() return wrong',
      0,
    ],
    [
      'tells each as how manyth it came',
      'local b, t, wg = goroutine.barrier(3), {}, goroutine.wait_group() for i = 1, 3 do wg:go(function() t[i] = b:wait() end) goroutine.sleep(0) end wg:wait() return table.concat(t, " ")',
      '1 2 3',
    ],
    [
      'serves generation after generation',
      'local b, steps, wg = goroutine.barrier(2), {}, goroutine.wait_group() for i = 1, 2 do wg:go(function() for k = 1, 3 do b:wait() steps[#steps + 1] = k end end) end wg:wait() return table.concat(steps)',
      '112233',
    ],
    ['of one lets it pass', 'local b = goroutine.barrier(1) return b:wait(), b:wait(), b:is_broken()', 1, 1, false],
    [
      'breaks when a party gives up, until it is reset',
      'local b = goroutine.barrier(3) local h = goroutine.shared(function() return b:wait() end) goroutine.sleep(0) local a, why = b:wait(5) local _, other, broken = h:await() local c, still = b:wait() local is = b:is_broken() b:reset() return a, why, other, broken, c, still, is, b:is_broken()',
      false,
      'timeout',
      false,
      'broken',
      false,
      'broken',
      true,
      false,
    ],
    [
      'breaks when the context of a party ends',
      'local ctx, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) local b = goroutine.barrier(2) local a, why = b:wait(ctx) return a, why, b:is_broken()',
      false,
      'context canceled',
      true,
    ],
    [
      'breaks when a party is cancelled',
      'local b = goroutine.barrier(3) local h = goroutine.shared(function() b:wait() end) goroutine.sleep(0) goroutine.shared(function() goroutine.sleep(2) h:cancel() end) local a, why = b:wait() local _, _, kind = h:await() return a, why, kind',
      false,
      'broken',
      'cancelled',
    ],
    [
      'breaks off who waits when it is reset, and works on',
      'local b = goroutine.barrier(2) local h = goroutine.shared(function() return b:wait() end) goroutine.sleep(0) b:reset() local _, a, why = h:await() local other = goroutine.shared(function() return b:wait() end) return a, why, b:wait(1000) and true, (select(2, other:await())) ~= nil',
      false,
      'broken',
      true,
      true,
    ],
    [
      'is waited for inside pcall, a coroutine and where Lua cannot yield',
      'local b = goroutine.barrier(2) go.spawn(function() b:wait() b:wait() end) local a, i = pcall(coroutine.wrap(function() return b:wait() end)) return a, i ~= nil, (("x"):gsub("x", function() return b:wait() and "y" end))',
      true,
      true,
      'y',
    ],
    [
      'joins goroutines on many islands',
      `local b, sum, list = goroutine.barrier(4), goroutine.atomic_int(), {}
      for i = 1, 4 do
        list[i] = goroutine.parallel(function()
          local wrong = 0
          for round = 1, 20 do
            sum:add(1) b:wait()
            if sum:load() ~= 4 * round then wrong = wrong + 1 end
            b:wait()
          end
          return wrong
        end)
      end
      local wrong = 0 for i = 1, 4 do wrong = wrong + select(2, list[i]:await()) end return wrong, sum:load()`,
      0,
      80,
    ],
  ]);

  itRaises([
    ['has parties', 'goroutine.barrier(0)', /#1 to 'barrier' \(an integer of at least 1 was expected, got 0\)/],
    ['is told how many', 'goroutine.barrier()', /#1 to 'barrier' \(number expected, got no value\)/],
    ['has whole parties', 'goroutine.barrier(2.5)', /#1 to 'barrier' \(number has no integer representation\)/],
    ['is not waited for a negative time', 'goroutine.barrier(2):wait(-1)', /#1 to 'wait'.*negative/],
    ['is told from other handles', 'goroutine.barrier(2).reset(goroutine.latch(1))', /barrier expected, got latch/],
  ]);
});
