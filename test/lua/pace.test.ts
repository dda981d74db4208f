import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript} from './script.js';

describe.concurrent('goroutine.debounce', () => {
  itReturns([
    [
      'calls once it was quiet, with the last arguments',
      'local ch = channel.make(9) local call = goroutine.debounce(function(...) ch:send({...}) end, 20) call(1) call(2) call(3, "x") local got = ch:receive() return got[1], got[2], ch:receive(0.1)',
      3,
      'x',
      undefined,
      false,
      'timeout',
    ],
    [
      'never calls before it was quiet for long enough',
      'local ch = channel.make(99) local call = goroutine.debounce(function(made) ch:send(goroutine.now() - made >= 20) end, 20) for i = 1, 10 do call(goroutine.now()) goroutine.sleep(2) end local all, more, ok = true, true while ok ~= false do more, ok = ch:receive(0.3) all = all and more ~= false end return all',
      true,
    ],
    [
      'calls at once with leading, and again only if it was called meanwhile',
      'local ch = channel.make(9) local call = goroutine.debounce(function(v) ch:send(v) end, 500, {leading = true}) call(1) local first = ch:receive() call(2) call(3) return first, (ch:receive())',
      1,
      3,
    ],
    [
      'calls only at once with leading alone',
      'local ch = channel.make(9) local call = goroutine.debounce(function(v) ch:send(v) end, 300, {leading = true, trailing = false}) call(1) call(2) local first = ch:receive() local none = select(3, ch:receive(0.5)) call(4) return first, none, (ch:receive())',
      1,
      'timeout',
      4,
    ],
    [
      'forgets a call that was cancelled',
      'local ch = channel.make(9) local call, cancel = goroutine.debounce(function(v) ch:send(v) end, 20) call(1) local a, b = cancel(), cancel() local none = select(3, ch:receive(0.1)) call(2) return a, b, none, (ch:receive())',
      true,
      false,
      'timeout',
      2,
    ],
    [
      'shares its state among goroutines',
      'local ch = channel.make(9) local call = goroutine.debounce(function(v) ch:send(v) end, 500) local h = goroutine.async(function() call(1) end) h:await() call(2) return (ch:receive()), (select(3, ch:receive(0.1)))',
      2,
      'timeout',
    ],
    ['keeps the run alive while a call waits', 'local call = goroutine.debounce(print, 20) call("in time")'],
  ]);

  it('finishes what waits before the run ends', async () => {
    expect((await runScript('local call = goroutine.debounce(print, 20) call("in time")')).stdout).toBe('in time\n');
  });

  it('reports errors as those of any goroutine', async () => {
    const {stderr, uncaught} = await runScript(
      'local call = goroutine.debounce(function() error("late") end, 1)\ncall()',
    );
    expect(stderr).toMatch(/failed: script:1: late/);
    expect(stderr).toContain('spawned at script:2');
    expect(uncaught).toBe(1);
  });

  itRaises([
    [
      'needs a function',
      'goroutine.debounce(1, 2)',
      /^script:1: bad argument #1 to 'debounce' \(function expected, got 1\)/,
    ],
    [
      'needs a time',
      'goroutine.debounce(print)',
      /#2 to 'debounce' \(finite number of milliseconds, 0 or more, expected, got nil\)/,
    ],
    ['needs a time that ends', 'goroutine.debounce(print, math.huge)', /0 or more, expected, got inf/],
    ['needs a time that is a number', 'goroutine.debounce(print, 0/0)', /0 or more, expected, got -?nan/],
    ['needs no negative time', 'goroutine.debounce(print, -1)', /0 or more, expected, got -1/],
    [
      'knows its options',
      'goroutine.debounce(print, 1, {lead = true})',
      /#3 to 'debounce' \(there is no option 'lead'; known: leading and trailing\)/,
    ],
    ['needs booleans', 'goroutine.debounce(print, 1, {leading = 1})', /option 'leading': boolean expected, got 1/],
    [
      'needs one of both',
      'goroutine.debounce(print, 1, {trailing = false})',
      /one of 'leading' and 'trailing' must be true/,
    ],
  ]);
});

describe.concurrent('goroutine.throttle', () => {
  itReturns([
    [
      'calls at once, then once an interval with the last arguments',
      'local ch = channel.make(9) local call = goroutine.throttle(function(v) ch:send(v) end, 500) call(1) local first = ch:receive() call(2) call(3) return first, (ch:receive()), (select(3, ch:receive(0.1)))',
      1,
      3,
      'timeout',
    ],
    [
      'calls no more often than the interval allows',
      'local n = goroutine.atomic_int() local call = goroutine.throttle(function() n:add(1) end, 50) local from = goroutine.now() while goroutine.now() - from < 220 do call() goroutine.sleep(2) end local took = goroutine.now() - from return n:load() <= took / 50 + 2',
      true,
    ],
    [
      'drops calls in between without trailing',
      'local ch = channel.make(9) local call = goroutine.throttle(function(v) ch:send(v) end, 500, {trailing = false}) call(1) call(2) return (ch:receive()), (select(3, ch:receive(0.7)))',
      1,
      'timeout',
    ],
    [
      'calls at the end of the interval without leading',
      'local ch = channel.make(9) local call = goroutine.throttle(function(v) ch:send(v) end, 20, {leading = false}) call(1) local early = select("#", ch:try_receive()) call(2) return early, ch:receive()',
      3,
      2,
      true,
    ],
    [
      'can be cancelled',
      'local n = 0 local call, cancel = goroutine.throttle(function() n = n + 1 end, 500) call() call() local had = cancel() goroutine.sleep(100) return n, had, cancel()',
      1,
      true,
      false,
    ],
  ]);
  itRaises([
    [
      'needs a function',
      'goroutine.throttle()',
      /^script:1: bad argument #1 to 'throttle' \(function expected, got nil\)/,
    ],
  ]);
});
