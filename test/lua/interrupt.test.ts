import {describe, expect, it} from 'vitest';
import {itReturns, runScript, valuesOf} from './script.js';

// What a goroutine may be doing when its time is over. Each runs for ever, or for hours, unless it is stopped.
const endless: readonly (readonly [what: string, source: string])[] = [
  ['an empty loop', 'while true do end'],
  ['an empty loop with a label', '::top:: goto top'],
  ['a numeric loop', 'for i = 1, math.maxinteger do end'],
  ['recursion by tail calls', 'local function f() return f() end f()'],
  ['a loop that calls', 'local function f() end while true do f() end'],
  ['a loop in a coroutine', 'coroutine.wrap(function() while true do end end)()'],
  [
    'a loop that resumes',
    'local f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end',
  ],
  [
    'a loop in coroutines ten deep',
    'local function deep(n) if n == 0 then while true do end end coroutine.wrap(deep)(n - 1) end deep(10)',
  ],
  ['a loop that starts coroutines', 'while true do coroutine.wrap(function() end)() end'],
  ['pcall in a loop', 'while true do pcall(error) end'],
  ['pcall around a loop in a loop', 'while true do pcall(function() while true do end end) end'],
  ['pcall of pcalls', 'while true do pcall(pcall, pcall, function() while true do end end) end'],
  ['xpcall with a handler that loops', 'xpcall(error, function() while true do end end)'],
  [
    'xpcall with a handler around a loop',
    'while true do xpcall(function() while true do end end, function(e) while true do end end) end',
  ],
  ['a handler that fails for ever', 'while true do xpcall(error, function() error() end) end'],
  [
    'coroutine.resume in a loop',
    'while true do coroutine.resume(coroutine.create(function() while true do end end)) end',
  ],
  [
    'coroutine.close in a loop',
    'while true do local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co) end',
  ],
  ['a comparator', 'table.sort({3, 2, 1}, function() while true do end end)'],
  ['a callback of gsub', '("x"):gsub(".", function() while true do end end)'],
  ['an iterator', 'for _ in function() return true end do end'],
  ['an iterator in C', 'for _ in os.time do end'],
  ['__index', 'return setmetatable({}, {__index = function() while true do end end}).x'],
  [
    'an endless chain of __index',
    'local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end',
  ],
  ['__gc', 'setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end'],
  [
    'finalizers that make finalizers',
    'local function arm() setmetatable({}, {__gc = function() arm() while true do end end}) end arm() while true do collectgarbage() end',
  ],
  ['__close', 'while true do local x <close> = setmetatable({}, {__close = function() while true do end end}) end'],
  ['__tostring', 'tostring(setmetatable({}, {__tostring = function() while true do end end}))'],
  ['__concat', 'return setmetatable({}, {__concat = function() while true do end end}) .. ""'],
  ['a debug hook', 'debug.sethook(function() while true do end end, "l")\nlocal x = 1\nlocal y = 2'],
  ['a loop under a debug hook', 'debug.sethook(function() end, "", 1) while true do end'],
  ['load with a reader', 'load(function() return "-- " end)'],
  ['load with a reader that loops', 'load(function() while true do end end)'],
  ['load with a reader in C', 'load(os.date)'],
  ['load in a loop', 'while true do load("while true do end") end'],
  ['a pattern with many optional parts', '(("a"):rep(40)):find(("a?"):rep(40) .. ("a"):rep(40) .. "b")'],
  ['a pattern with many lazy parts', '(("a"):rep(40)):match(("a-"):rep(40) .. "b")'],
  ['a pattern with back references', '(("a"):rep(3000)):match("(.-)(.-)(.-)%1%2%3b")'],
  ['gsub with a slow pattern', '(("a"):rep(60)):gsub((".-"):rep(20) .. "b", "")'],
  ['gmatch in a loop', 'while true do for w in ("a b c"):gmatch("%a+") do end end'],
  ['a plain search that compares for ever', 'local h = ("a"):rep(4000000) h:find(("a"):rep(2000000) .. "b", 1, true)'],
  ['rep of nothing', 'while true do (""):rep(math.maxinteger) end'],
  ['rep in a loop', 'while true do ("x"):rep(100000, ",") end'],
  ['table.move over a huge range', 'table.move({}, 1, math.maxinteger - 1, 2)'],
  [
    'table.move between tables',
    'table.move(setmetatable({}, {__index = function() return nil end}), 1, math.maxinteger - 1, 1, {})',
  ],
  [
    'table.concat on a huge __len',
    'table.concat(setmetatable({}, {__len = function() return math.maxinteger - 1 end, __index = function() return "" end}))',
  ],
  [
    'table.insert into a huge __len',
    'table.insert(setmetatable({}, {__len = function() return math.maxinteger - 1 end}), 1, 1)',
  ],
  [
    'table.remove from a huge __len',
    'table.remove(setmetatable({}, {__len = function() return math.maxinteger - 1 end}), 1)',
  ],
  [
    'table.unpack on a huge __index',
    'while true do pcall(table.unpack, setmetatable({}, {__index = function() return 1 end}), 1, 900000) end',
  ],
  ['table.sort of many', 'while true do local t = {} for i = 1, 100000 do t[i] = math.random() end table.sort(t) end'],
  [
    'table.sort on a huge __len',
    'table.sort(setmetatable({}, {__len = function() return 2^31 - 2 end, __index = function(_, i) return i end, __newindex = function() end}))',
  ],
  ['a loop of allocations', 'while true do local t = {{}, {}, {}} end'],
  ['a loop of strings', 'local s = 0 while true do s = s + #tostring(s) end'],
  ['channels that are always ready', 'local c = channel.make(1) while true do c:send(1) c:receive() end'],
  ['try forms', 'local c = channel.make(1) while true do c:try_receive() end'],
  ['select with a default', 'local c = channel.make() while true do channel.select{{"|<-", c}, {"default"}} end'],
  ['yielding', 'while true do goroutine.yield() end'],
  ['sleeping', 'while true do goroutine.sleep(1) end'],
  ['sleeping in pcall', 'while true do pcall(goroutine.sleep, 1) end'],
  ['spawning', 'while true do goroutine.shared(function() end) goroutine.yield() end'],
  ['awaiting', 'while true do goroutine.async(function() while true do end end):await(1) end'],
  ['timeouts inside', 'while true do goroutine.timeout(1, function() while true do end end) end'],
  [
    'a range over a closed channel in a loop',
    'local c = channel.make() c:close() while true do for _ in c:range() do end end',
  ],
  ['mutex:with', 'local mu = goroutine.mutex() while true do mu:with(function() while true do end end) end'],
  [
    'require',
    'table.insert(package.searchers, 1, function() while true do end end) while true do pcall(require, "endless") end',
  ],
  [
    'a job of a pool',
    'goroutine.pool_create("p") goroutine.pool_submit("p", function() while true do end end) goroutine.pool_wait("p")',
  ],
  [
    'jobs of a pool, running and queued',
    'goroutine.pool_create("p", {workers = 2}) for _ = 1, 9 do goroutine.pool_submit("p", function() while true do pcall(goroutine.yield) end end) end while true do end',
  ],
  [
    'waiting for a lock',
    'local mu = goroutine.mutex() goroutine.shared(function() mu:lock() goroutine.sleep(9000) end) goroutine.sleep(1) mu:lock()',
  ],
  ['waiting for a channel', 'channel.make():receive()'],
  ['waiting in a comparator', 'table.sort({1, 2}, function() channel.make():receive() end)'],
  [
    'waiting in a coroutine in a comparator',
    'table.sort({1, 2}, function() coroutine.wrap(function() channel.make():receive() end)() end)',
  ],
  ['os.execute', 'os.execute("sleep 20")'],
  ['print to nobody', 'while true do warn("@off") end'],
];

describe.concurrent('goroutine.timeout stops', () => {
  it.each(endless)('%s', async (_what, source) => {
    // What it started in turn is cancelled with it.
    const script = `
      local started = goroutine.now()
      local ok, message = goroutine.timeout(100, function() ${source} end)
      local took = goroutine.now() - started
      while goroutine.count() > 1 and goroutine.now() - started < 3000 do goroutine.sleep(1) end
      return ok, message, took, goroutine.count()`;
    const {values, stderr} = await runScript(script);
    const [ok, message, took, count] = values;
    expect({ok, message, count}).toEqual({ok: false, message: 'timeout exceeded', count: 1});
    // Finalizers that loop do so once more when their island ends.
    expect(['', 'Lua warning: error in __gc (finalizer took too long)\n']).toContain(stderr);
    expect(took).toBeGreaterThan(99);
    expect(took).toBeLessThan(3000);
  });
});

describe.concurrent('goroutine.timeout stops what does not want to be stopped', () => {
  const stubborn: readonly (readonly [what: string, source: string])[] = [
    [
      'a __close handler that loops',
      'local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end',
    ],
    [
      '__close handlers that loop, many',
      'local function f(n) local x <close> = setmetatable({}, {__close = function() while true do end end}) if n > 0 then f(n - 1) end while true do end end f(50)',
    ],
    [
      'a __close handler that waits for ever',
      'local x <close> = setmetatable({}, {__close = function() channel.make():receive() end}) while true do end',
    ],
    [
      'a __close handler that sleeps in pcall for ever',
      'local x <close> = setmetatable({}, {__close = function() while true do pcall(goroutine.sleep, 10) end end}) while true do end',
    ],
    [
      'a __close handler that loops in pcall',
      'local x <close> = setmetatable({}, {__close = function() while true do pcall(function() while true do end end) end end}) while true do end',
    ],
    [
      'a __close handler that starts coroutines',
      'local x <close> = setmetatable({}, {__close = function() while true do coroutine.resume(coroutine.create(function() while true do end end)) end end}) while true do end',
    ],
    ['a deferred function that loops', 'defer(function() while true do end end) while true do end'],
    ['a deferred function that waits for ever', 'defer(function() channel.make():receive() end) while true do end'],
    ['deferred functions that defer', 'local function again() defer(again) end defer(again) while true do end'],
    [
      'deferred functions that defer and sleep',
      'local function again() defer(again) goroutine.sleep(1) end defer(again) while true do end',
    ],
    ['a deferred function after a normal end', 'defer(function() while true do end end)'],
    [
      'a deferred function that loops in C',
      'defer(function() table.move({}, 1, math.maxinteger - 1, 2) end) while true do end',
    ],
    [
      'a __close handler inside a coroutine',
      'coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end end)()',
    ],
  ];
  it.each(stubborn)('%s', async (_what, source) => {
    const script = `
      local started = goroutine.now()
      local ok, message = goroutine.timeout(50, function() ${source} end)
      local took = goroutine.now() - started
      while goroutine.count() > 1 and goroutine.now() - started < 7500 do goroutine.sleep(1) end
      return message, took, goroutine.count()`;
    const {values, kind} = await runScript(script, {runtime: {graceMs: 200}});
    const [message, took, count] = values;
    expect({kind, count}).toEqual({kind: 'succeeded', count: 1});
    expect([undefined, 'timeout exceeded']).toContain(message);
    expect(took).toBeLessThan(7500);
  });
});

describe.concurrent('a cancelled goroutine', () => {
  itReturns([
    [
      'ends at once when it had not started',
      'local t = {} local h = goroutine.shared(function() t[1] = "ran" end) h:cancel() return h:await(), t[1]',
      false,
      undefined,
    ],
    [
      'ends when it was cancelled twice, for the first reason',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel("first") h:cancel("second") return h:await()',
      false,
      'cancelled: first',
      'cancelled',
    ],
    [
      'has a reason of its own when none is given',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) h:cancel() return (select(2, h:await()):match("^cancelled: "))',
      'cancelled: ',
    ],
    [
      'may cancel itself',
      'local h h = goroutine.shared(function() h:cancel("me") goroutine.sleep(1) return "not reached" end) return h:await()',
      false,
      'cancelled: me',
      'cancelled',
    ],
    [
      'takes what it started with it',
      'local n = goroutine.atomic_int() local h = go.spawn(function() for i = 1, 3 do go.spawn(function() defer(function() n:add(1) end) goroutine.sleep(9000) end) end goroutine.sleep(9000) end) goroutine.sleep(20) h:cancel() h:await() goroutine.sleep(20) return n:load(), goroutine.count()',
      3,
      1,
    ],
    [
      'takes the children of its children with it',
      'local n = goroutine.atomic_int() local h = go.spawn(function() go.spawn(function() go.spawn(function() defer(function() n:add(1) end) goroutine.sleep(9000) end) end) goroutine.sleep(9000) end) goroutine.sleep(20) h:cancel() h:await() goroutine.sleep(20) return n:load()',
      1,
    ],
    [
      'is not its parent',
      'local h = goroutine.async(function() local g = go.spawn(function() goroutine.sleep(9000) end) g:cancel() g:await() return "parent goes on" end) return h:await()',
      true,
      'parent goes on',
    ],
    [
      'does not keep the cancellation in pcall',
      'local h = goroutine.shared(function() pcall(goroutine.sleep, 9000) return "kept" end) goroutine.sleep(2) h:cancel() return (h:await())',
      false,
    ],
    [
      'does not keep the cancellation in xpcall, coroutines and load',
      'local h = goroutine.shared(function() xpcall(function() coroutine.resume(coroutine.create(function() load(function() goroutine.sleep(9000) end) end)) end, print) return "kept" end) goroutine.sleep(2) h:cancel() return (h:await())',
      false,
    ],
    [
      'runs its __close handlers with the reason',
      'local got local h = goroutine.shared(function() local x <close> = setmetatable({}, {__close = function(_, e) got = e end}) goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel("r") h:await() return got',
      'cancelled: r',
    ],
    [
      'may wait, send and start goroutines in its handlers',
      'local c = channel.make() local h = goroutine.shared(function() defer(function() goroutine.sleep(2) c:send("s") goroutine.async(function() end):await() c:send("t") end) goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel() return c:receive(), (c:receive())',
      's',
      't',
    ],
    [
      'may use pcall in its handlers',
      'local got local h = goroutine.shared(function() defer(function() got = {pcall(error, "inner", 0)} end) goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel() h:await() return got[1], got[2]',
      false,
      'inner',
    ],
    [
      'closes the variables of its coroutines',
      'local t = {} local h = goroutine.shared(function() coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() t[1] = "closed" end}) goroutine.sleep(9000) end)() end) goroutine.sleep(2) h:cancel() h:await() return t[1]',
      'closed',
    ],
    [
      'gives a value that was on its way to nobody else',
      'local c = channel.make() local h = goroutine.shared(function() c:receive() end) goroutine.sleep(2) h:cancel() h:await() return c:send(1, 0.005)',
      false,
      'timeout',
    ],
    [
      'leaves no sender behind',
      'local c = channel.make() local h = goroutine.shared(function() c:send(1) end) goroutine.sleep(2) h:cancel() h:await() return c:try_receive()',
      undefined,
      false,
      'empty',
    ],
    [
      'takes no lock with it',
      'local mu = goroutine.mutex() mu:lock() local h = goroutine.shared(function() mu:lock() end) goroutine.sleep(2) h:cancel() h:await() mu:unlock() return mu:lock(1)',
      true,
    ],
    [
      'in a pool fails its job',
      'goroutine.pool_create("p") local h = goroutine.shared(function() goroutine.pool_submit("p", function() goroutine.sleep(9000) end) goroutine.sleep(9000) end) goroutine.sleep(5) h:cancel() goroutine.pool_wait("p") return goroutine.pool_stats("p").failed',
      1,
    ],
    [
      'takes its queued jobs with it',
      'goroutine.pool_create("p", {workers = 1}) local n = goroutine.atomic_int() local h = goroutine.shared(function() for i = 1, 5 do goroutine.pool_submit("p", function() n:add(1) goroutine.sleep(9000) end) end goroutine.sleep(9000) end) goroutine.sleep(5) h:cancel() goroutine.pool_wait("p") return n:load(), goroutine.pool_stats("p").failed',
      1,
      5,
    ],
  ]);

  const waits: readonly (readonly [what: string, source: string])[] = [
    ['receive', 'channel.make():receive()'],
    ['receive with a timeout', 'channel.make():receive(9)'],
    ['send', 'channel.make():send(1)'],
    ['select', 'channel.select{{"|<-", channel.make()}, {"<-|", channel.make(), 1}}'],
    ['range', 'for v in channel.make():range() do end'],
    ['sleep', 'goroutine.sleep(9000)'],
    ['await', 'goroutine.async(function() goroutine.sleep(9000) end):await()'],
    ['await_all', 'goroutine.await_all{goroutine.async(function() goroutine.sleep(9000) end)}'],
    ['wait group', 'local wg = goroutine.wait_group() wg:add() wg:wait()'],
    [
      'mutex',
      'local mu = goroutine.mutex() goroutine.shared(function() mu:lock() goroutine.sleep(9000) end) goroutine.sleep(1) mu:lock()',
    ],
    [
      'mutex:with',
      'local mu = goroutine.mutex() goroutine.shared(function() mu:lock() goroutine.sleep(9000) end) goroutine.sleep(1) mu:with(print)',
    ],
    ['timeout', 'goroutine.timeout(9000, function() goroutine.sleep(9000) end)'],
    [
      'pool wait',
      'goroutine.pool_create("p") goroutine.pool_submit("p", goroutine.sleep, 9000) goroutine.pool_wait("p")',
    ],
    [
      'pool close',
      'goroutine.pool_create("p") goroutine.pool_submit("p", goroutine.sleep, 9000) goroutine.pool_close("p")',
    ],
    ['os.execute', 'os.execute("sleep 9")'],
    ['a comparator', 'table.sort({1, 2}, function() goroutine.sleep(9000) end)'],
    ['nothing, as it runs', 'while true do end'],
  ];
  it.each(waits)('ends at once while it waits in %s', async (_what, source) => {
    const script = `
      local h = goroutine.async(function() ${source} end)
      goroutine.sleep(30) h:cancel("test")
      return h:await()`;
    const {values, ms} = await runScript(script);
    expect(values).toEqual([false, 'cancelled: test', 'cancelled']);
    expect(ms).toBeLessThan(4000);
  });
});

it('cancelled goroutines leave the cores: nothing runs afterwards', async () => {
  const script = `
    local hs = {}
    for i = 1, 4 do hs[i] = goroutine.parallel(function() while true do pcall(function() while true do end end) end end) end
    goroutine.sleep(30)
    for _, h in ipairs(hs) do h:cancel() end
    goroutine.await_all(hs)
    local before = os.clock() goroutine.sleep(1000)
    return os.clock() - before`;
  // One loop alone would take a second, or its share of a machine that others use.
  expect((await valuesOf(script))[0]).toBeLessThan(0.2);
});

describe.concurrent('a pool job', () => {
  it('that loops is stopped with its run', async () => {
    const source =
      'goroutine.pool_create("p") for i = 1, 8 do goroutine.pool_submit("p", function() while true do end end) end goroutine.pool_wait("p")';
    const {kind, ms} = await runScript(source, {timeoutMs: 100});
    expect(kind).toBe('timeout');
    expect(ms).toBeLessThan(3000);
  });
});

describe.concurrent('a run', () => {
  const everywhere =
    'for i = 1, 3 do goroutine.parallel(function() while true do end end) goroutine.shared(function() channel.make():receive() end) end ';
  it('is stopped by timeoutMs', async () => {
    const {kind, message, ms} = await runScript(`${everywhere} while true do end`, {timeoutMs: 100});
    expect({kind, message}).toEqual({kind: 'timeout', message: 'timeout exceeded'});
    expect(ms).toBeLessThan(3000);
  });

  it('is stopped by timeoutMs after its main chunk returned', async () => {
    const {kind, ms} = await runScript(everywhere, {timeoutMs: 100});
    expect(kind).toBe('timeout');
    expect(ms).toBeLessThan(3000);
  });

  it('is stopped by its signal', async () => {
    const {kind, ms} = await runScript(`${everywhere} while true do end`, {signal: AbortSignal.timeout(100)});
    expect(kind).toBe('cancelled');
    expect(ms).toBeLessThan(3000);
  });

  it('cleans up when it is stopped', async () => {
    const source =
      'local c = channel.make() go.spawn(function() defer(function() print("goroutine") end) c:send(1) while true do end end) defer(function() print("main") end) c:receive() while true do end';
    const {stdout} = await runScript(source, {signal: AbortSignal.timeout(200)});
    expect(stdout.split('\n').sort()).toEqual(['', 'goroutine', 'main']);
  });
});

describe('preemption', () => {
  it('lets many busy islands share one worker', async () => {
    const source = `
      local hs = {}
      for i = 1, 6 do hs[i] = goroutine.parallel(function() local t = goroutine.now() while goroutine.now() - t < 80 do end return i end) end
      local s = 0 for _, r in ipairs(goroutine.await_all(hs)) do s = s + r.value end
      return s, goroutine.stats().preemptions > 0`;
    expect(await valuesOf(source, {runtime: {workers: 1}})).toEqual([21, true]);
  });

  it('never runs a sibling in the middle of a loop', async () => {
    const source = `
      local shared, torn = {a = 0, b = 0}, 0
      for i = 1, 3 do goroutine.parallel(function() local t = goroutine.now() while goroutine.now() - t < 150 do end end) end
      local function work() for k = 1, 2 do for i = 1, 200000 do shared.a = shared.a + 1 if shared.a ~= shared.b + 1 then torn = torn + 1 end shared.b = shared.b + 1 end goroutine.yield() end end
      local hs = {goroutine.shared(work), goroutine.shared(work)}
      goroutine.await_all(hs)
      return torn, shared.a`;
    expect(await valuesOf(source, {runtime: {workers: 1}})).toEqual([0, 800_000]);
  });

  it('reaches loops inside coroutines, pcalls and metamethods', async () => {
    const source = `
      local c = channel.make(10)
      goroutine.parallel(function()
        local t = setmetatable({}, {__index = function() return pcall(function() while #c < 5 do end end) end})
        coroutine.wrap(function() return t.x end)()
      end)
      for i = 1, 5 do goroutine.sleep(1) c:send(i) end
      return #c`;
    expect(await valuesOf(source, {runtime: {workers: 1}})).toEqual([5]);
  });
});
