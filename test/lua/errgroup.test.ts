import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript, valuesOf} from './script.js';

const none = undefined;
const canceled = 'context canceled';
const exceeded = 'context deadline exceeded';

describe.concurrent('a group', () => {
  itReturns([
    [
      'is waited for with true when all went well',
      'local g, n = goroutine.errgroup(), goroutine.atomic_int() for i = 1, 5 do g:go(function(k) goroutine.sleep(k) n:add(k) end, i) end return g:wait(), n:load()',
      true,
      15,
    ],
    ['is waited for at once when it is empty', 'return goroutine.errgroup():wait()', true],
    [
      'returns handles of its members',
      'return goroutine.errgroup():go(function(a) return a, 2 end, 1):await()',
      true,
      1,
      2,
    ],
    [
      'gives the first error',
      'local g = goroutine.errgroup() g:go(function() goroutine.sleep(60000) end) g:go(error, {code = 7}) local ok, e = g:wait() return ok, e.code',
      false,
      7,
    ],
    [
      'gives messages as await does',
      'local g = goroutine.errgroup() g:go(function() error("broken", 0) end) local ok, e = g:wait() return ok, e:match("^[^\\n]*")',
      false,
      'broken',
    ],
    [
      'cancels the other members',
      'local g = goroutine.errgroup() local h = g:go(function() channel.make():receive() end) g:go(error, "broken", 0) g:wait() return h:await()',
      false,
      `cancelled: ${canceled}: broken`,
      'cancelled',
    ],
    [
      'cancels a member that computes',
      'local g = goroutine.errgroup() local h = g:go(function() while true do end end) g:go(function() goroutine.sleep(20) error("broken", 0) end) return (g:wait()), h:status()',
      false,
      'cancelled',
    ],
    [
      'lets its members clean up before wait returns',
      'local g, n = goroutine.errgroup(), goroutine.atomic_int() g:go(function() defer(function() goroutine.sleep(10) n:add(1) end) goroutine.sleep(60000) end) g:go(function() goroutine.sleep(2) error("broken") end) g:wait() return n:load()',
      1,
    ],
    [
      'ends its context with the first error',
      'local g = goroutine.errgroup() local before = g:context():err() g:go(error, "broken", 0) g:wait() return before, g:context():err(), g:context():cause()',
      none,
      canceled,
      'broken',
    ],
    [
      'ends its context when it has been waited for',
      'local g = goroutine.errgroup() local h = go.spawn(g:context(), function() channel.make():receive() end) g:go(function() end) return g:wait(), g:context():err(), h:await()',
      true,
      canceled,
      false,
      `cancelled: ${canceled}: the wait for its group returned`,
      'cancelled',
    ],
    [
      'ends with its context',
      'local ctx, cancel = goroutine.context():with_cancel() local g = goroutine.errgroup(ctx) g:go(function() channel.make():receive() end) cancel() return g:wait()',
      false,
      canceled,
    ],
    [
      'ends at the deadline of its context',
      'local g = goroutine.errgroup(goroutine.context():with_timeout(10)) g:go(function() channel.make():receive() end) return g:wait()',
      false,
      exceeded,
    ],
    [
      'leaves the context above it alone',
      'local ctx = goroutine.context() local g = goroutine.errgroup(ctx) g:go(error, "broken") g:wait() return ctx:err()',
      none,
    ],
    [
      'counts a member that was cancelled as failed',
      'local g = goroutine.errgroup() g:go(function() channel.make():receive() end):cancel("by hand") return g:wait()',
      false,
      'cancelled: by hand',
    ],
    [
      'is waited for at most some time',
      'local g = goroutine.errgroup() local h = g:go(function() channel.make():receive() end) local ok, why = g:wait(5) h:cancel() return ok, why, (g:wait())',
      false,
      'timeout',
      false,
    ],
    [
      'is waited for until a context ends',
      'local g = goroutine.errgroup() local h = g:go(function() channel.make():receive() end) local ok, why = g:wait({timeout = 60000, ctx = goroutine.context():with_timeout(5)}) h:cancel() return ok, why',
      false,
      exceeded,
    ],
    [
      'can be waited for by many, and again',
      'local g = goroutine.errgroup() g:go(function() goroutine.sleep(5) error("broken", 0) end) local hs = goroutine.spawn_many(3, function() return (g:wait()) end) local r = goroutine.await_all(hs) return r[1].value, r[3].value, (g:wait())',
      false,
      false,
      false,
    ],
    [
      'runs so many at once',
      'local g, now, most = goroutine.errgroup({limit = 2}), 0, 0 local h = goroutine.shared(function() for i = 1, 8 do g:go(function() now = now + 1 most = math.max(most, now) goroutine.sleep(2) now = now - 1 end) end g:wait() end) h:await() return most',
      2,
    ],
    [
      'takes a context and a limit',
      'local ctx = goroutine.context() local g = goroutine.errgroup(ctx, {limit = 1}) g:go(function() goroutine.sleep(60000) end) local h, why = g:try_go(print) ctx:cancel() return h, why, g:wait()',
      none,
      'limit reached',
      false,
      canceled,
    ],
    [
      'takes no context and a limit',
      'local g = goroutine.errgroup(nil, {limit = 1}) return g:try_go(function() return 5 end):await()',
      true,
      5,
    ],
    [
      'has room again when a member ends',
      'local g = goroutine.errgroup({limit = 1}) g:try_go(function() end):await() return g:try_go(function() return 2 end):await()',
      true,
      2,
    ],
    [
      'works in coroutines, pcall and in place',
      'local g, n = goroutine.errgroup({limit = 1}), goroutine.atomic_int() local function slow() goroutine.sleep(3) n:add(1) end g:go(slow) coroutine.wrap(function() pcall(g.go, g, slow) end)() table.sort({2, 1}, function() g:go(slow) end) local ok = coroutine.wrap(function() return g:wait() end)() return ok, n:load()',
      true,
      3,
    ],
    [
      'starts members from other islands',
      'local g, n = goroutine.errgroup({limit = 3}), goroutine.atomic_int() local hs = {} for i = 1, 4 do hs[i] = goroutine.parallel(function() for k = 1, 10 do g:go(function() n:add(1) end) end end) end goroutine.await_all(hs) return g:wait(), n:load()',
      true,
      40,
    ],
    [
      'fails from other islands',
      'local g = goroutine.errgroup() local h = g:go(function() channel.make():receive() end) goroutine.parallel(function() g:go(error, "afar", 0) end):await() local ok, e = g:wait() return ok, h:status()',
      false,
      'cancelled',
    ],
    [
      'lets members start members',
      'local g, n = goroutine.errgroup(), goroutine.atomic_int() local function tree(depth) n:add(1) if depth > 0 then g:go(tree, depth - 1) g:go(tree, depth - 1) end end g:go(tree, 4) return g:wait(), n:load()',
      true,
      31,
    ],
    [
      'drops a member that will never start',
      'local g = goroutine.errgroup({limit = 1}) g:go(function() goroutine.sleep(20) end) local ran = goroutine.atomic_int() local h = goroutine.shared(function() g:go(function() ran:add(1) end) end) goroutine.sleep(2) h:cancel("enough") local ok, why = h:await() return ok, why, g:wait(), ran:load()',
      false,
      'cancelled: enough',
      true,
      0,
    ],
    ['is a handle that prints', 'return (tostring(goroutine.errgroup()):gsub("0x%x+", "*"))', 'errgroup: *'],
  ]);

  itRaises([
    [
      'starts functions only',
      'goroutine.errgroup():go(3)',
      /bad argument #1 to 'go' \(function expected, got number\)/,
    ],
    [
      'starts nothing once it has been waited for',
      'local g = goroutine.errgroup() g:wait() g:go(print)',
      'the wait for this group has returned: start a new group',
    ],
    [
      'tries nothing once it has been waited for',
      'local g = goroutine.errgroup() g:wait() g:try_go(print)',
      'the wait for this group has returned: start a new group',
    ],
    [
      'has no limit of zero',
      'goroutine.errgroup({limit = 0})',
      /bad argument #1 to '[\w.]*errgroup' \(limit: an integer of at least 1 was expected, got 0\)/,
    ],
    [
      'has no limit in words',
      'goroutine.errgroup({limit = "2"})',
      /limit: an integer of at least 1 was expected, got 2/,
    ],
    ['has no other options', 'goroutine.errgroup({workers = 2})', /\{limit =\} has no field 'workers'/],
    [
      'takes nothing but a context and options',
      'goroutine.errgroup(3)',
      /bad argument #1 to '[\w.]*errgroup' \(context or \{limit =\} expected, got number\)/,
    ],
    [
      'takes options behind a context',
      'goroutine.errgroup(goroutine.context(), 3)',
      /bad argument #2 to '[\w.]*errgroup' \(\{limit =\} expected, got number\)/,
    ],
    [
      'is told from other handles',
      'goroutine.errgroup().wait(goroutine.mutex())',
      /bad argument #1 to 'wait' \(errgroup expected, got mutex\)/,
    ],
  ]);

  it('reports an error that nobody waits for once, at the end', async () => {
    const {kind, stderr, uncaught} = await runScript(
      'local g = goroutine.errgroup() for i = 1, 3 do g:go(error, "lonely", 0) end',
    );
    expect({kind, uncaught}).toEqual({kind: 'succeeded', uncaught: 1});
    expect(stderr.match(/lonely/g)).toHaveLength(1);
  });

  it('reports no error that wait has told', async () => {
    expect(
      await valuesOf('local g = goroutine.errgroup() g:go(error, "told", 0) g:go(error, "too", 0) return (g:wait())'),
    ).toEqual([false]);
  });

  it.each([
    [
      'a member that waits for its group',
      'local g = goroutine.errgroup() g:go(function() g:wait() end) g:wait()',
      'errgroup wait',
    ],
    [
      'a member that starts another where there is no place',
      'local g = goroutine.errgroup({limit = 1}) g:go(function() g:go(print) end) g:wait()',
      'errgroup go',
    ],
  ])('%s is a deadlock', async (_what, source, operation) => {
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain(`is blocked in ${operation} at script:1`);
  });
});
