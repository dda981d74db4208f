import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript, valuesOf} from './script.js';

const none = undefined;
const canceled = 'context canceled';
const exceeded = 'context deadline exceeded';

describe.concurrent('a context', () => {
  itReturns([
    ['goes on until it is cancelled', 'local c = goroutine.context() return c:is_cancelled(), c:err()', false, none],
    [
      'says that it was cancelled',
      'local c = goroutine.context() c:cancel() return c:is_cancelled(), c:err()',
      true,
      canceled,
    ],
    [
      'keeps the reason it was cancelled for',
      'local c = goroutine.context() c:cancel("full") return c:err(), c:cause()',
      canceled,
      'full',
    ],
    [
      'has its error for a cause without a reason',
      'local c = goroutine.context() local before = c:cause() c:cancel() return before, c:cause()',
      none,
      canceled,
    ],
    ['is cancelled once', 'local c = goroutine.context() c:cancel("a") c:cancel("b") return c:cause()', 'a'],
    ['has no deadline by itself', 'return goroutine.context():deadline()', none, false],
    ['is a handle that prints', 'return (tostring(goroutine.context()):gsub("0x%x+", "*"))', 'context: *'],
    [
      'is the same after a journey',
      'local c, ch = goroutine.context(), channel.make(1) ch:send(c) return ch:receive() == c',
      true,
    ],
    [
      'gives children that end with it',
      'local c = goroutine.context() local a = c:with_cancel() local b = a:with_value("k", 1) c:cancel("r") return a:err(), b:err(), b:cause()',
      canceled,
      canceled,
      'r',
    ],
    [
      'outlives its children',
      'local c = goroutine.context() local a, cancel = c:with_cancel() cancel("why") return a:cause(), c:err()',
      'why',
      none,
    ],
    [
      'makes children that have ended once it has',
      'local c = goroutine.context() c:cancel("r") return c:with_cancel():cause(), c:with_timeout(1000):err()',
      'r',
      canceled,
    ],
    [
      'ends at its timeout',
      'local c = goroutine.context():with_timeout(5) c:done():receive() return c:err(), c:is_cancelled()',
      exceeded,
      true,
    ],
    ['has ended at a timeout of zero', 'return goroutine.context():with_timeout(0):err()', exceeded],
    [
      'has ended at a deadline that is past',
      'return goroutine.context():with_deadline(os.time() * 1000 - 5000):err()',
      exceeded,
    ],
    [
      'goes on until a deadline that is not',
      'local d = os.time() * 1000 + 60000 local c = goroutine.context():with_deadline(d) local at, has = c:deadline() return c:err(), at == d, has',
      none,
      true,
      true,
    ],
    [
      'ends at its deadline',
      'local c = goroutine.context():with_deadline(os.time() * 1000 + 1500) local _, ok = c:done():receive() return ok, c:err()',
      false,
      exceeded,
    ],
    [
      'hands down the earlier deadline',
      'local a = goroutine.context():with_timeout(60000) local b = a:with_timeout(90000) local c = a:with_timeout(30000) local d = c:with_value("k", 1) return a:deadline() == b:deadline(), c:deadline() < a:deadline(), d:deadline() == c:deadline()',
      true,
      true,
      true,
    ],
    [
      'has no deadline with an endless timeout',
      'return goroutine.context():with_timeout(math.huge):deadline()',
      none,
      false,
    ],
    [
      'can be cancelled before its timeout',
      'local c, cancel = goroutine.context():with_timeout(60000) cancel() return c:err()',
      canceled,
    ],
    [
      'stays as it ended',
      'local c = goroutine.context():with_timeout(3) c:done():receive() c:cancel("late") return c:err(), c:cause()',
      exceeded,
      exceeded,
    ],
    [
      'knows the values above it',
      'local c = goroutine.context():with_value("a", 1):with_value("b", "two"):with_cancel() return c:value("a"), c:value("b"), c:value("c")',
      1,
      'two',
      none,
    ],
    [
      'knows the nearest value',
      'local c = goroutine.context():with_value("a", 1) return c:with_value("a", 2):value("a"), c:with_value("a", nil):value("a"), c:value("a")',
      2,
      none,
      1,
    ],
    [
      'tells keys apart as tables do',
      'local c = goroutine.context():with_value(1, "integer"):with_value("1", "string"):with_value(true, "boolean"):with_value(1.5, "float"):with_value("", "empty") return c:value(1.0), c:value("1"), c:value(true), c:value(1.5), c:value(""), c:value(false)',
      'integer',
      'string',
      'boolean',
      'float',
      'empty',
      none,
    ],
    [
      'keeps a copy of a value',
      'local t = {1} local c = goroutine.context():with_value("t", t) t[1] = 2 c:value("t")[1] = 3 return c:value("t")[1]',
      1,
    ],
    [
      'keeps handles and functions',
      'local ch = channel.make(1) local c = goroutine.context():with_value("ch", ch):with_value("f", function(n) return n + 1 end) return c:value("ch") == ch, c:value("f")(2)',
      true,
      3,
    ],
    [
      'has one channel that closes',
      'local c = goroutine.context() local d = c:done() c:cancel() local v, ok = d:receive() return c:done() == d, v, ok',
      true,
      none,
      false,
    ],
    [
      'has a closed channel once it has ended',
      'local c = goroutine.context() c:cancel() return c:done():is_closed()',
      true,
    ],
    [
      'has a channel for selects',
      'local c = goroutine.context():with_timeout(5) return channel.select{{"|<-", channel.make()}, {"|<-", c:done(), function() return c:err() end}}',
      new Map<unknown, unknown>([
        [1, exceeded],
        ['n', 1],
      ]),
    ],
    [
      'closes its channel though nobody has the context',
      'local root = goroutine.context() local d = root:with_cancel():done() collectgarbage() root:cancel() return select(2, d:receive())',
      false,
    ],
    [
      'closes its channel in time though nobody has the context',
      'local d = goroutine.context():with_timeout(10):done() collectgarbage() return select(2, d:receive())',
      false,
    ],
    [
      'is cancelled by a deferred function',
      'local c, cancel = goroutine.context():with_cancel() go.spawn(function() defer(cancel) end):await() return c:err()',
      canceled,
    ],
    [
      'is cancelled from another island',
      'local c, cancel = goroutine.context():with_cancel() goroutine.parallel(function() cancel("afar") end):await() return c:cause()',
      'afar',
    ],
    [
      'ends on every island',
      'local c = goroutine.context() local h = goroutine.parallel(function() c:done():receive() return c:err() end) c:cancel() return h:await()',
      true,
      canceled,
    ],
    [
      'tells its values on every island',
      'local c = goroutine.context():with_value("user", {name = "eve"}) return goroutine.parallel(function() return c:value("user").name end):await()',
      true,
      'eve',
    ],
    [
      'has a cancel function that can be sent',
      'local ch, c, cancel = channel.make(1), goroutine.context():with_cancel() ch:send({stop = cancel}) ch:receive().stop() return c:err(), type(cancel)',
      canceled,
      'function',
    ],
    [
      'lets its goroutines run in parallel',
      'local c, cancel = goroutine.context():with_cancel() return goroutine.explain(function() if c:err() then cancel() end end).parallel',
      true,
    ],
  ]);

  itRaises([
    [
      'has no negative timeout',
      'goroutine.context():with_timeout(-1)',
      /bad argument #1 to 'with_timeout' \(a duration cannot be negative\)/,
    ],
    [
      'has no timeout that is no number',
      'goroutine.context():with_timeout("soon")',
      /bad argument #1 to 'with_timeout' \(number expected, got string\)/,
    ],
    [
      'has no deadline that is NaN',
      'goroutine.context():with_deadline(0/0)',
      /bad argument #1 to 'with_deadline' \(a deadline cannot be NaN\)/,
    ],
    [
      'has no keys that are tables',
      'goroutine.context():with_value({}, 1)',
      /bad argument #1 to 'with_value' \(string, number or boolean expected, got table\)/,
    ],
    [
      'has no key nil',
      'goroutine.context():value(nil)',
      /bad argument #1 to 'value' \(string, number or boolean expected, got nil\)/,
    ],
    ['has no key NaN', 'goroutine.context():value(0/0)', /bad argument #1 to 'value' \(a key cannot be NaN\)/],
    [
      'wants a value for a key',
      'goroutine.context():with_value("k")',
      /bad argument #2 to 'with_value' \(value expected\)/,
    ],
    [
      'keeps nothing that cannot be copied',
      'goroutine.context():with_value("k", {c = coroutine.create(print)})',
      /cannot keep in a context field 'c': a coroutine cannot leave its island/,
    ],
    [
      'is cancelled for a reason in words',
      'goroutine.context():cancel({})',
      /bad argument #1 to 'cancel' \(string expected, got table\)/,
    ],
    [
      'is told from other handles',
      'goroutine.context().err(goroutine.mutex())',
      /bad argument #1 to 'err' \(context expected, got mutex\)/,
    ],
    [
      'has a channel that nobody else closes',
      'goroutine.context():done():close()',
      'cannot send on receive-only channel',
    ],
    ['is no metatable to change', 'getmetatable(goroutine.context()).x = 1', /attempt to index a boolean value/],
  ]);
});

describe.concurrent('a goroutine started with a context', () => {
  const starts: readonly (readonly [how: string, start: string])[] = [
    ['go.spawn', 'go.spawn(ctx, f, 7)'],
    ['go', 'go(ctx, f, 7)'],
    ['goroutine.spawn', 'goroutine.spawn(ctx, f, 7)'],
    ['goroutine.async', 'goroutine.async(ctx, f, 7)'],
    ['goroutine.create', 'goroutine.create(ctx, f, 7)'],
    ['go.create', 'go.create(ctx, f, 7)'],
    ['goroutine.shared', 'goroutine.shared(ctx, f, 7)'],
    ['goroutine.parallel', 'goroutine.parallel(ctx, f, 7)'],
    ['goroutine.spawn_many', 'goroutine.spawn_many(7, ctx, f)[7]'],
    ['wg:go', 'goroutine.wait_group():go(ctx, f, 7)'],
  ];
  it.each(starts)('by %s gets its arguments, and is cancelled with the context', async (_how, start) => {
    const source = `
      local ctx, cancel = goroutine.context():with_cancel()
      local seen = channel.make(10)
      local function f(n) seen:send(n) channel.make():receive() end
      local h = ${start}
      local n repeat n = seen:receive() until n == 7
      cancel()
      return n, h:await()`;
    expect(await valuesOf(source)).toEqual([7, false, `cancelled: ${canceled}`, 'cancelled']);
  });

  it.each(starts)('by %s never runs when the context has ended', async (_how, start) => {
    const source = `
      local ctx, ran = goroutine.context(), goroutine.atomic_int()
      ctx:cancel("over")
      local function f() ran:add(1) end
      local h = ${start}
      local ok, message, kind = h:await()
      return ran:load(), ok, message, kind, h:status()`;
    expect(await valuesOf(source)).toEqual([0, false, `cancelled: ${canceled}: over`, 'cancelled', 'cancelled']);
  });

  itReturns([
    [
      'ends as it likes while the context goes on',
      'return go.spawn(goroutine.context(), function(a) return a, 2 end, 1):await()',
      true,
      1,
      2,
    ],
    [
      'is stopped at the deadline while it computes',
      'local h = go.spawn(goroutine.context():with_timeout(30), function() while true do end end) return h:await()',
      false,
      `cancelled: ${exceeded}`,
      'cancelled',
    ],
    [
      'runs its deferred functions and close handlers',
      'local out, ctx = channel.make(9), goroutine.context():with_timeout(10) local h = go.spawn(ctx, function() defer(function() out:send("defer") end) local x <close> = setmetatable({}, {__close = function() out:send("close") end}) goroutine.sleep(60000) end) h:await() return out:receive(), (out:receive())',
      'close',
      'defer',
    ],
    [
      'cannot catch its cancellation',
      'local ctx = goroutine.context():with_timeout(10) return go.spawn(ctx, function() pcall(goroutine.sleep, 60000) pcall(goroutine.sleep, 60000) return "survived" end):await()',
      false,
      `cancelled: ${exceeded}`,
      'cancelled',
    ],
    [
      'takes its children along',
      'local ctx, out = goroutine.context(), channel.make(1) go.spawn(ctx, function() local h = go.spawn(function() channel.make():receive() end) out:send(h) h:await() end) local h = out:receive() ctx:cancel() return h:await()',
      false,
      `cancelled: ${canceled}`,
      'cancelled',
    ],
    [
      'is cancelled by itself',
      'local ctx = goroutine.context() return go.spawn(ctx, function() ctx:cancel() goroutine.sleep(0) return 1 end):await()',
      false,
      `cancelled: ${canceled}`,
      'cancelled',
    ],
    [
      'is cancelled in place',
      'local ctx = goroutine.context():with_timeout(10) return go.spawn(ctx, function() table.sort({3, 2, 1}, function() goroutine.sleep(60000) end) end):await()',
      false,
      `cancelled: ${exceeded}`,
      'cancelled',
    ],
    [
      'holds nothing open when it has ended',
      'go.spawn(goroutine.context():with_timeout(3600000), function() end) return 1',
      1,
    ],
    [
      'is a job of a pool',
      'goroutine.pool_create("p", {workers = 1}) local ctx, n = goroutine.context(), goroutine.atomic_int() for i = 1, 3 do goroutine.pool_submit("p", ctx, function(k) n:add(k) goroutine.sleep(60000) end, i) end while n:load() == 0 do goroutine.sleep(1) end ctx:cancel() goroutine.pool_wait("p") local s = goroutine.pool_stats("p") return n:load(), s.failed',
      1,
      3,
    ],
    [
      'is one of a list',
      'local ctx = goroutine.context():with_timeout(10) local r = goroutine.parallel(ctx, {function() return 1 end, function() goroutine.sleep(60000) end}) local m = goroutine.parallel(ctx, {tasks = {function() return 1 end}, max_concurrent = 1}) return r[1].value, r[2].error, m[1].error',
      1,
      `cancelled: ${exceeded}`,
      `cancelled: ${exceeded}`,
    ],
    [
      'many of them are cancelled at once',
      'local ctx, n = goroutine.context(), goroutine.atomic_int() local hs = goroutine.spawn_many(200, ctx, function() defer(function() n:add(1) end) channel.make():receive() end) goroutine.sleep(20) ctx:cancel() goroutine.await_all(hs) while goroutine.count() > 1 do goroutine.yield() end return n:load() <= 200, goroutine.count()',
      true,
      1,
    ],
    [
      'may be cancelled otherwise',
      'local ctx = goroutine.context() local h = go.spawn(ctx, function() goroutine.sleep(60000) end) h:cancel("mine") return ctx:err(), h:await()',
      none,
      false,
      'cancelled: mine',
      'cancelled',
    ],
  ]);

  itRaises([
    [
      'needs a function',
      'go.spawn(goroutine.context(), 3)',
      /bad argument #2 to 'spawn' \(function expected, got number\)/,
    ],
    [
      'needs a function after the count',
      'goroutine.spawn_many(2, goroutine.context())',
      /bad argument #3 to 'spawn_many' \(function expected, got no value\)/,
    ],
    [
      'takes one context',
      'local c = goroutine.context() goroutine.async(c, c, print)',
      /bad argument #2 to 'async' \(function expected, got context\)/,
    ],
  ]);
});

describe.concurrent('goroutine.timeout', () => {
  itReturns([
    [
      'takes a context for the time',
      'return goroutine.timeout(goroutine.context():with_timeout(10), function() goroutine.sleep(60000) end)',
      false,
      exceeded,
    ],
    [
      'takes a context that is cancelled',
      'local c, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) return goroutine.timeout(c, function() channel.make():receive() end)',
      false,
      canceled,
    ],
    [
      'takes a context that has ended',
      'local c = goroutine.context() c:cancel() return goroutine.timeout(c, error, "never")',
      false,
      canceled,
    ],
    [
      'takes a context before the function',
      'return goroutine.timeout(60000, goroutine.context():with_timeout(10), function() goroutine.sleep(60000) end)',
      false,
      exceeded,
    ],
    [
      'takes both in a table',
      'local c = goroutine.context() return goroutine.timeout({timeout = 5, ctx = c}, function() goroutine.sleep(60000) end)',
      false,
      'timeout exceeded',
    ],
    [
      'returns results with a context',
      'return goroutine.timeout(goroutine.context(), function(...) return ... end, 1, 2)',
      true,
      1,
      2,
    ],
    ['returns errors with a context', 'return (select("#", goroutine.timeout(goroutine.context(), error, "e", 0)))', 2],
    [
      'waits for the cleanup',
      'local c, n = goroutine.context():with_timeout(5), goroutine.atomic_int() goroutine.timeout(c, function() defer(function() goroutine.sleep(20) n:add(1) end) goroutine.sleep(60000) end) return n:load()',
      1,
    ],
    [
      'gives up on a cleanup that takes too long',
      'local c = goroutine.context() c:with_timeout(5) return goroutine.timeout(c:with_timeout(5), function() defer(function() while true do end end) goroutine.sleep(60000) end)',
      false,
      exceeded,
    ],
  ]);
  itRaises([
    [
      'takes one context',
      'local c = goroutine.context() goroutine.timeout(c, c, print)',
      /a context stands before it already: give one/,
    ],
  ]);
});

// A wait for what never comes, with %s for its limit; what it returns after a timeout, but for the message.
const waits: readonly (readonly [what: string, setup: string, wait: string, ...before: readonly unknown[]])[] = [
  ['ch:receive', 'local ch = channel.make()', 'ch:receive(%s)', none, false],
  ['ch:send', 'local ch = channel.make()', 'ch:send(1, %s)', false],
  ['goroutine.channel_receive', 'local ch = channel.make()', 'goroutine.channel_receive(ch, %s)', none, false],
  ['goroutine.channel_send', 'local ch = channel.make()', 'goroutine.channel_send(ch, 1, %s)', false],
  ['channel.select', 'local ch = channel.make()', 'channel.select({{"|<-", ch}, {"<-|", ch, 1}}, %s)', none],
  ['channel.select without cases', '', 'channel.select({}, %s)', none],
  [
    'goroutine.select_timeout',
    'local ch = channel.make()',
    'goroutine.select_timeout(%s, {{channel = ch, receive = true}})',
    true,
    none,
  ],
  ['wg:wait', 'local wg = goroutine.wait_group() wg:add()', 'wg:wait(%s)', false],
  [
    'mu:lock',
    'local mu = goroutine.mutex() goroutine.shared(function() mu:lock() stop:receive() end) goroutine.sleep(1)',
    'mu:lock(%s)',
    false,
  ],
  ['h:await', 'local h = go.spawn(function() stop:receive() end)', 'h:await(%s)', false],
  ['goroutine.await', 'local h = go.spawn(function() stop:receive() end)', 'goroutine.await(h, %s)', false],
  [
    'goroutine.pool_wait',
    'goroutine.pool_create("p") goroutine.pool_submit("p", function() stop:receive() end)',
    'goroutine.pool_wait("p", %s)',
    false,
  ],
  [
    'goroutine.await_any',
    'local h = go.spawn(function() stop:receive() end)',
    'goroutine.await_any({h}, %s)',
    none,
    false,
  ],
  [
    'broadcaster:publish',
    'local b = goroutine.broadcaster({buffer = 0}) local ch = b:subscribe()',
    'b:publish(1, %s)',
    false,
  ],
];
const program = (setup: string, rest: string) =>
  `local stop = channel.make() ${setup} local function result(...) stop:close() return ... end ${rest}`;

describe.concurrent.each(waits.map(([what, setup, wait, ...before]) => ({what, setup, wait, before})))(
  '$what',
  ({setup, wait, before}) => {
    const timedOut = (message: string) => [...before, message];
    const call = (limit: string) => wait.replace('%s', limit);
    const outcome = async (rest: string) => (await valuesOf(program(setup, rest))).slice(0, before.length + 1);

    it('ends with its context', async () => {
      const rest = `local ctx = goroutine.context() goroutine.shared(function() goroutine.sleep(5) ctx:cancel() end) return result(${call('ctx')})`;
      expect(await outcome(rest)).toEqual(timedOut(canceled));
    });
    it('ends with a context that is cancelled on another island', async () => {
      const rest = `local ctx = goroutine.context() goroutine.parallel(function() goroutine.sleep(5) ctx:cancel() end) return result(${call('{ctx = ctx}')})`;
      expect(await outcome(rest)).toEqual(timedOut(canceled));
    });
    it('ends at the deadline of a context', async () => {
      expect(await outcome(`return result(${call('goroutine.context():with_timeout(5):with_value("k", 1)')})`)).toEqual(
        timedOut(exceeded),
      );
    });
    it('ends at once with a context that has ended', async () => {
      expect(
        await outcome(
          `local ctx = goroutine.context() ctx:cancel() return result(${call('{timeout = 60, ctx = ctx}')})`,
        ),
      ).toEqual(timedOut(canceled));
    });
    it('ends at its timeout while the context goes on', async () => {
      const [...values] = await valuesOf(
        program(setup, `local ctx = goroutine.context() return result(${call('{timeout = 0.005, ctx = ctx}')})`),
      );
      expect(values).not.toContain(canceled);
      expect(values).not.toContain(exceeded);
      expect(values.slice(0, before.length)).toEqual(before);
    });
    it('ends with its context in a coroutine inside pcall, and in place', async () => {
      const rest = `local ctx = goroutine.context():with_timeout(5)
      local inside = table.pack(coroutine.wrap(function() return pcall(function() return ${call('ctx')} end) end)())
      local in_place = {} table.sort({2, 1}, function() in_place = table.pack(${call('goroutine.context():with_timeout(5)')}) end)
      return result(inside[${before.length + 2}], in_place[${before.length + 1}])`;
      expect((await valuesOf(program(setup, rest))).slice(0, 2)).toEqual([exceeded, exceeded]);
    });
    it('can be cancelled while its context goes on', async () => {
      const rest = `local ctx = goroutine.context() local h = goroutine.shared(function() return ${call('ctx')} end) goroutine.sleep(2) h:cancel("r") return result(h:await())`;
      expect(await valuesOf(program(setup, rest))).toEqual([false, 'cancelled: r', 'cancelled']);
    });
    it('refuses what is no limit', async () => {
      for (const [limit, message] of [
        ['{ctx = 3}', 'ctx: context expected, got number'],
        ['{ctx = goroutine.mutex()}', 'ctx: context expected, got userdata'],
        ['{context = goroutine.context()}', "{timeout =, ctx =} has no field 'context'"],
        ['goroutine.mutex()', 'number, context or {timeout =, ctx =} expected, got mutex'],
      ] as const) {
        const values = await valuesOf(program(setup, `return result(pcall(function() return ${call(limit)} end))`));
        expect(values[0]).toBe(false);
        expect(values[1]).toContain(message);
      }
    });
  },
);

describe.concurrent('a sleep', () => {
  itReturns([
    [
      'is cut short by its context',
      'local c, cancel = goroutine.context():with_cancel() go.spawn(function() goroutine.sleep(5) cancel() end) return goroutine.sleep(c)',
      false,
      canceled,
    ],
    [
      'is cut short by its context before its time is over',
      'return channel.sleep({timeout = 60, ctx = goroutine.context():with_timeout(5)})',
      false,
      exceeded,
    ],
    [
      'is cut short at once by a context that has ended',
      'local c = goroutine.context() c:cancel() return go.sleep({timeout = 60, ctx = c})',
      false,
      canceled,
    ],
    [
      'tells that its time is over while its context goes on',
      'local c = goroutine.context() return goroutine.sleep({timeout = 5, ctx = c}), goroutine.sleep({timeout = 0, ctx = c}), goroutine.sleep({timeout = 1})',
      true,
      true,
      true,
    ],
    [
      'is cut short in a coroutine inside pcall, and in place',
      'local c, r = goroutine.context():with_timeout(5), nil table.sort({2, 1}, function() r = r or table.pack(goroutine.sleep(c)) end) return r[1], coroutine.wrap(function() return select(2, pcall(goroutine.sleep, {timeout = 60000, ctx = c})) end)()',
      false,
      false,
      exceeded,
    ],
    [
      'is cancelled while its context goes on',
      'local h = go.spawn(function() goroutine.sleep(goroutine.context():with_timeout(60000)) end) goroutine.sleep(1) h:cancel("enough") return h:await()',
      false,
      'cancelled: enough',
      'cancelled',
    ],
    [
      'returns nothing when it was given a number',
      'return select("#", goroutine.sleep(1)), select("#", goroutine.sleep(0))',
      0,
      0,
    ],
  ]);
  itRaises([
    ['takes a context', 'goroutine.sleep({ctx = 3})', 'ctx: context expected, got number'],
    ['takes no negative time in a table', 'goroutine.sleep({timeout = -1})', 'a duration cannot be negative'],
    ['takes no other handle', 'goroutine.sleep(goroutine.mutex())', 'number expected, got mutex'],
  ]);
  it('with a context that nobody can cancel is a deadlock', async () => {
    const {kind, message} = await runScript('goroutine.sleep(goroutine.context())');
    expect(kind).toBe('deadlock');
    expect(message).toContain('is blocked in sleep at script:1');
  });
});

describe.concurrent('a context and other ends of waits', () => {
  itReturns([
    [
      'what can happen at once happens',
      'local ctx, ch = goroutine.context(), channel.make(1) ctx:cancel() return ch:send(3, ctx), ch:receive(ctx)',
      true,
      3,
      true,
    ],
    [
      'a list is awaited with one context',
      'local ctx = goroutine.context():with_timeout(10) local stop = channel.make() local r = goroutine.await_all({go.spawn(function() return 1 end), go.spawn(function() stop:receive() end)}, ctx) stop:close() return r[1].value, r[2].success, r[2].error',
      1,
      false,
      exceeded,
    ],
    [
      'a wait in a cleanup handler ends with its context',
      'local out, ctx = channel.make(1), goroutine.context() ctx:cancel() local h = go.spawn(function() defer(function() local _, _, why = channel.make():receive(ctx) out:send(why) end) goroutine.sleep(60000) end) goroutine.sleep(5) h:cancel() return (out:receive())',
      canceled,
    ],
    [
      'one context ends many waits of many islands',
      'local ctx, n = goroutine.context(), goroutine.atomic_int() local hs = {} for i = 1, 50 do local start = i % 2 == 0 and goroutine.parallel or goroutine.shared hs[i] = start(function() local _, _, why = channel.make():receive(ctx) if why == ctx:err() then n:add(1) end end) end goroutine.sleep(10) ctx:cancel() goroutine.await_all(hs) return n:load()',
      50,
    ],
    [
      'a wait leaves a context that goes on',
      'local ctx, ch = goroutine.context(), channel.make(1) for i = 1, 1000 do ch:send(i, ctx) ch:receive(ctx) pcall(ch.receive, ch, {timeout = 0, ctx = ctx}) end ctx:cancel() return ch:receive(1e-3)',
      none,
      false,
      'timeout',
    ],
  ]);

  it.each([
    ['a wait with a context that nobody can cancel', 'channel.make():receive(goroutine.context())', 'channel receive'],
    ['a wait for its channel', 'goroutine.context():done():receive()', 'channel receive'],
    [
      'a goroutine started with it',
      'go.spawn(goroutine.context(), function() channel.make():receive() end):await()',
      'channel receive',
    ],
    [
      'a wait beside a context with a deadline that nobody waits for',
      'local c = goroutine.context():with_timeout(3600000) channel.make():receive() c:cancel()',
      'channel receive',
    ],
  ])('%s is a deadlock', async (_what, source, operation) => {
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain(`is blocked in ${operation} at script:1`);
  });

  it('leaves nothing behind when the run is cut short', async () => {
    const source = `local ctx = goroutine.context():with_timeout(3600000)
      for i = 1, 20 do go.spawn(ctx, function() channel.make():receive(ctx:with_timeout(3600000)) end) end
      ctx:done():receive()`;
    const {kind} = await runScript(source, {timeoutMs: 100});
    expect(kind).toBe('timeout');
  });
});
