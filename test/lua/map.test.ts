import {describe, expect, it} from 'vitest';
import {errorOf, itRaises, itReturns, runScript} from './script.js';

const none = undefined;

describe.concurrent('goroutine.map', () => {
  itReturns([
    [
      'returns the results in order',
      'return table.concat(goroutine.map({5, 3, 4}, function(v, i) goroutine.sleep(v) return v * 10 + i end), " ")',
      '51 32 43',
    ],
    ['of nothing is nothing', 'return #goroutine.map({}, print)', 0],
    [
      'keeps nil results as holes',
      'local r = goroutine.map({1, 2, 3}, function(v) if v ~= 2 then return v end end) return r[1], r[2], r[3]',
      1,
      none,
      3,
    ],
    [
      'runs all at once without a limit',
      'local ch = channel.make() return #goroutine.map({1, 2}, function(v) if v == 1 then ch:send(1) else ch:receive() end return v end)',
      2,
    ],
    [
      'runs no more than workers at once',
      `local now, most = 0, 0
       goroutine.map({1, 2, 3, 4, 5, 6, 7}, function() now = now + 1 most = math.max(most, now) goroutine.sleep(2) now = now - 1 end, {workers = 3})
       return most`,
      3,
    ],
    [
      'does 300 with few workers',
      'local list = {} for i = 1, 300 do list[i] = i end local s = 0 for i, v in ipairs(goroutine.map(list, function(v) return v + 1 end, {workers = 4})) do assert(v == i + 1) s = s + 1 end return s',
      300,
    ],
    [
      'runs in parallel what may',
      'local before = goroutine.stats().parallel goroutine.map({1, 2, 3}, function(v) return v end) return goroutine.stats().parallel - before',
      3,
    ],
    [
      'keeps home what changes its element, so that it is changed',
      'local list = {{}, {}} goroutine.map(list, function(t, i) t.seen = i end) return list[1].seen, list[2].seen',
      1,
      2,
    ],
    [
      'gives elements that cannot be copied',
      'return goroutine.map({coroutine.create(print)}, function(co) return type(co) end)[1]',
      'thread',
    ],
    [
      'does not mind a list that changes',
      'local list = {1, 2, 3} local r = goroutine.map(list, function(v) list[3] = nil goroutine.yield() return v end, {workers = 1}) return #r, r[3]',
      3,
      3,
    ],
    [
      'works inside pcall and coroutines',
      'return coroutine.wrap(function() return select(2, pcall(goroutine.map, {2}, function(v) return v * v end))[1] end)()',
      4,
    ],
    [
      'works where Lua cannot yield',
      'local t = {2, 1} table.sort(t, function(a, b) return goroutine.map({a}, function(v) goroutine.sleep(1) return v end)[1] < b end) return t[1], t[2]',
      1,
      2,
    ],
    [
      'raises the first error and cancels the rest',
      `local ended, begun = channel.make(3), goroutine.wait_group()
       begun:add(2)
       local ok, problem = pcall(goroutine.map, {1, 2, 3}, function(v)
         if v == 2 then begun:wait() error({code = 7}) end
         defer(function() ended:send(v) end)
         begun:done()
         goroutine.sleep(60000)
       end)
       return ok, problem.code, #ended`,
      false,
      7,
      2,
    ],
    [
      'starts no more after an error',
      'local started = goroutine.atomic_int() pcall(goroutine.map, {1, 2, 3, 4}, function(v) started:add(1) error("no") end, {workers = 1}) return started:load()',
      1,
    ],
    [
      'is cancelled with its elements',
      `local ended = channel.make(2)
       local h = goroutine.async(goroutine.map, {1, 2}, function(v) defer(function() ended:send(v) end) goroutine.sleep(60000) end)
       local f = goroutine.async(function() goroutine.map({1, 2}, function(v) defer(function() ended:send(v) end) goroutine.sleep(60000) end) end)
       goroutine.sleep(20) h:cancel() f:cancel() h:await() local _, _, kind = f:await()
       return ended:receive() + ended:receive(), kind`,
      3,
      'cancelled',
    ],
    [
      'can be given up after a time',
      'return goroutine.timeout(20, goroutine.map, {1}, function() goroutine.sleep(60000) end)',
      false,
      'timeout exceeded',
    ],
    [
      'ends with its context, and its elements with it',
      `local c, ended = goroutine.context():with_timeout(10), channel.make(2)
       local ok, message = pcall(goroutine.map, {1, 2, 3}, function(v) defer(function() ended:send(v) end) goroutine.sleep(60000) end, {ctx = c, workers = 2})
       return ok, message, ended:len(), goroutine.count()`,
      false,
      'context deadline exceeded',
      2,
      1,
    ],
    [
      'leaves a context that goes on',
      'return goroutine.map({1, 2}, function(v) return v * 2 end, {ctx = goroutine.context()})[2]',
      4,
    ],
  ]);

  it('raises messages as they were raised', async () => {
    expect(await errorOf('goroutine.map({1}, function()\n  error("broken") end)')).toBe('script:2: broken');
  });

  it('reports no error twice', async () => {
    const {stderr, uncaught} = await runScript('pcall(goroutine.map, {1, 2, 3}, function(v) error("e" .. v) end)');
    expect({stderr, uncaught}).toEqual({stderr: '', uncaught: 0});
  });

  it('shows a deadlock of its elements', async () => {
    const {kind, message} = await runScript('goroutine.map({1}, function()\n  channel.make():receive() end)');
    expect(kind).toBe('deadlock');
    expect(message).toContain('script:2');
  });

  itRaises([
    [
      'needs a list',
      'goroutine.map(print, {1})',
      /^script:1: bad argument #1 to 'map' \(table expected, got function\)/,
    ],
    ['needs a function', 'goroutine.map({1})', /^script:1: bad argument #2 to 'map' \(function expected, got nil\)/],
    [
      'knows its options',
      'goroutine.map({1}, print, {worker = 1})',
      /#3 to 'map' \(there is no option 'worker'; known: workers and ctx\)/,
    ],
    [
      'needs workers',
      'goroutine.map({1}, print, {workers = 0})',
      /option 'workers': integer of at least 1 expected, got 0/,
    ],
    ['needs a context', 'goroutine.map({1}, print, {ctx = 4})', /option 'ctx': context expected, got 4/],
    ['needs options in a table', 'goroutine.map({1}, print, 4)', /#3 to 'map' \(table expected, got 4\)/],
  ]);
});

describe.concurrent('goroutine.await_any', () => {
  itReturns([
    [
      'gives the index and the results of the first to end',
      'local ch = channel.make() local a = goroutine.async(function() ch:receive() end) local b = goroutine.async(function() return "x", nil, 3 end) local i, ok, x, y, z = goroutine.await_any({a, b}) ch:send(1) return i, ok, x, y, z',
      2,
      true,
      'x',
      none,
      3,
    ],
    [
      'gives an error as await does',
      'local i, ok, e, kind = goroutine.await_any({goroutine.async(error, {code = 1})}) return i, ok, e.code, kind',
      1,
      false,
      1,
      'error',
    ],
    [
      'gives one that has ended already',
      'local h = goroutine.async(function() return 5 end) h:await() return goroutine.await_any({h, h})',
      1,
      true,
      5,
    ],
    [
      'tells that the time is over',
      'local h = goroutine.async(goroutine.sleep, 60000) local a, b, c, d = goroutine.await_any({h}, 5) h:cancel() return a, b, c, d',
      none,
      false,
      'timeout exceeded',
      'timeout',
    ],
    [
      'waits for parallel ones, one after the other',
      'local hs = {} for i = 1, 20 do hs[i] = goroutine.async(function() goroutine.sleep(i % 4) return i end) end local s = 0 while #hs > 0 do local i, ok, v = goroutine.await_any(hs) assert(ok) s = s + v table.remove(hs, i) end return s',
      210,
    ],
    [
      'can be cancelled',
      'local other = goroutine.async(goroutine.sleep, 60000) local h = goroutine.async(function() goroutine.await_any({other}) end) goroutine.sleep(5) h:cancel("enough") local ok, e, kind = h:await() local alive = other:status() other:cancel() return ok, e, kind, alive',
      false,
      'cancelled: enough',
      'cancelled',
      'waiting',
    ],
  ]);

  it('leaves the errors of the others to be reported', async () => {
    const {stderr, uncaught} = await runScript(
      'local a, b = goroutine.async(function() end), goroutine.async(function() goroutine.sleep(20) error("late") end) return (goroutine.await_any({b, a}))',
    );
    expect(stderr).toContain('late');
    expect(uncaught).toBe(1);
  });

  itRaises([
    [
      'needs a list',
      'goroutine.await_any()',
      /^script:1: bad argument #1 to 'await_any' \(table expected, got no value\)/,
    ],
    [
      'needs something in it',
      'goroutine.await_any({})',
      /^script:1: bad argument #1 to 'await_any' \(a list of at least one goroutine expected/,
    ],
    [
      'needs handles',
      'goroutine.await_any({goroutine.async(print), 4})',
      /list index 2: a goroutine handle was expected, got number/,
    ],
    [
      'cannot await itself',
      'local ch = channel.make(1) local h = goroutine.async(function() goroutine.await_any({ch:receive()}) end) ch:send(h) error((select(2, h:await())), 0)',
      /list index 1: a goroutine cannot await itself/,
    ],
  ]);
});
