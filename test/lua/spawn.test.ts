import {describe, expect, it} from 'vitest';
import {errorOf, itRaises, itReturns, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('starting a goroutine', () => {
  itReturns([
    [
      'works with go, go.spawn, goroutine.spawn and goroutine.async',
      'local c = channel.make(4) go(c.send, c, 1) go.spawn(c.send, c, 1) goroutine.spawn(c.send, c, 1) goroutine.async(c.send, c, 1) local s = 0 for i = 1, 4 do s = s + c:receive() end return s',
      4,
    ],
    [
      'hands on its arguments',
      'local h = goroutine.async(function(...) return select("#", ...), ... end, 1, nil, "x", nil) return h:await()',
      true,
      4,
      1,
      none,
      'x',
      none,
    ],
    [
      'returns a handle with id, status, await and cancel',
      'local h = go.spawn(function() end) h:await() return math.type(h:id()), h:status()',
      'integer',
      'done',
    ],
    ['keeps a single nil result', 'return select("#", goroutine.parallel(function() return nil end):await())', 2],
    ['with a function of a library works', 'return goroutine.async(math.max, 3, 9, 4):await()', true, 9],
    [
      'many times gives each its number',
      'local hs = goroutine.spawn_many(5, function(id, k) return id * k end, 10) local s = {} for i, r in ipairs(goroutine.await_all(hs)) do s[i] = r.value end return #hs, table.concat(s, " ")',
      5,
      '10 20 30 40 50',
    ],
    ['zero times gives an empty list', 'return #goroutine.spawn_many(0, print)', 0],
    [
      'inside a coroutine works',
      'local co = coroutine.wrap(function() local h = goroutine.async(function() return 5 end) return select(2, h:await()) end) return co()',
      5,
    ],
    [
      'inside a goroutine works',
      'local h = goroutine.async(function() local g = goroutine.async(function() return "inner" end) return select(2, g:await()) end) return h:await()',
      true,
      'inner',
    ],
    [
      'leaves the creator running first on a shared island',
      'local t = {} local h = goroutine.shared(function() t[#t + 1] = "child" end) t[#t + 1] = "parent" h:await() return table.concat(t, " ")',
      'parent child',
    ],
    [
      'a thousand times works',
      'local c = channel.make(10) for i = 1, 1000 do go.spawn(function() c:send(i) end) end local s = 0 for i = 1, 1000 do s = s + c:receive() end return s',
      500_500,
    ],
  ]);

  itRaises([
    ['needs a function', 'go.spawn(3)', /^script:1: bad argument #1 to 'spawn' \(function expected, got number\)/],
    [
      'needs a function, not nothing',
      'goroutine.async()',
      /bad argument #1 to 'async' \(function expected, got no value\)/,
    ],
    ['needs a function for go', 'go("x")', /bad argument #1 to 'go' \(function expected, got string\)|bad argument #1/],
    [
      'many times needs a whole number',
      'goroutine.spawn_many(1.5, print)',
      /bad argument #1 to 'spawn_many' \(number has no integer representation\)/,
    ],
    [
      'many times needs a number, not nil',
      'goroutine.spawn_many(nil, print)',
      /bad argument #1 to 'spawn_many' \(number expected, got nil\)/,
    ],
    [
      'many times needs no negative number',
      'goroutine.spawn_many(-1, print)',
      /bad argument #1 to 'spawn_many'.*at least 0/,
    ],
    [
      'many times needs a function',
      'goroutine.spawn_many(2)',
      /bad argument #2 to 'spawn_many' \(function expected, got no value\)/,
    ],
  ]);
});

describe.concurrent('awaiting', () => {
  itReturns([
    [
      'gives true and the results',
      'local h = goroutine.async(function() return 1, nil, 3 end) return goroutine.await(h)',
      true,
      1,
      none,
      3,
    ],
    ['gives true alone where there are none', 'return select("#", goroutine.async(function() end):await())', 1],
    [
      'works any number of times',
      'local h = goroutine.async(function() return {} end) local _, a = h:await() local _, b = h:await() return a ~= b, type(b)',
      true,
      'table',
    ],
    [
      'works from several goroutines',
      'local h = goroutine.async(function() goroutine.sleep(5) return 7 end) local a, b = goroutine.async(function() return h:await() end), goroutine.async(function() return h:await() end) local _, _, x = a:await() local _, _, y = b:await() return x, y',
      7,
      7,
    ],
    [
      'gives copies of results',
      'local t = {} local h = goroutine.shared(function() return t end) local _, r = h:await() return r ~= t',
      true,
    ],
    [
      'gives false, the error with its traceback, and its kind',
      'local ok, e, kind = goroutine.async(function() error("boom") end):await() return ok, e:match("^script:1: boom\\nstack traceback:\\n") ~= nil, kind',
      false,
      true,
      'error',
    ],
    [
      'gives an error that is a table as it is',
      'local ok, e, kind = goroutine.async(function() error({code = 7}) end):await() return ok, e.code, kind',
      false,
      7,
      'error',
    ],
    [
      'gives an error that is a number as it is',
      'local ok, e = goroutine.async(function() error(7) end):await() return ok, e',
      false,
      7,
    ],
    [
      'gives an error that is false as it is',
      'local ok, e, kind = goroutine.async(function() error(false) end):await() return ok, e, kind',
      false,
      false,
      'error',
    ],
    [
      'gives false and the reason of a cancellation',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) goroutine.sleep(5) h:cancel("no need") return h:await()',
      false,
      'cancelled: no need',
      'cancelled',
    ],
    [
      'ends at its timeout',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) local a, b, c = h:await(5) h:cancel() return a, b, c',
      false,
      'timeout exceeded',
      'timeout',
    ],
    [
      'ends at a timeout in a table',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) local a, b, c = h:await{timeout = 5} h:cancel() return a, b, c',
      false,
      'timeout exceeded',
      'timeout',
    ],
    [
      'may be tried again after its timeout',
      'local h = goroutine.async(function() goroutine.sleep(30) return 4 end) h:await(1) return h:await()',
      true,
      4,
    ],
    [
      'with a timeout of zero looks once',
      'local h = goroutine.async(function() return 1 end) h:await() return h:await(0)',
      true,
      1,
    ],
    [
      'tells a goroutine that timed out from one that was cancelled',
      'local h = goroutine.async(function() return goroutine.timeout(5, function() goroutine.sleep(9000) end) end) return h:await()',
      true,
      false,
      'timeout exceeded',
    ],
    [
      'raises for results that cannot be copied, to who awaits',
      'local ok, e, kind = goroutine.async(function() return {co = coroutine.create(print)} end):await() return ok, e, kind',
      false,
      "cannot return field 'co' of value 1: a coroutine cannot leave its island",
      'error',
    ],
  ]);

  itRaises([
    ['needs a handle', 'goroutine.await({})', /bad argument #1 to 'await' \(goroutine expected, got table\)/],
    [
      'needs another goroutine',
      'local h h = goroutine.shared(function() goroutine.sleep(1) return h:await() end) error(select(2, h:await()), 0)',
      /a goroutine cannot await itself/,
    ],
    [
      'needs a timeout that is not negative',
      'go.spawn(function() end):await(-1)',
      /bad argument #1 to 'await'.*negative/,
    ],
  ]);
});

describe.concurrent('awaiting a list', () => {
  itReturns([
    [
      'keeps order and length',
      'local hs = {} for i = 1, 4 do hs[i] = goroutine.async(function() goroutine.sleep(5 - i) return i, i * i end) end local r = goroutine.await_all(hs) return #r, r[1].value, r[4].value, r[4].values[2], r[2].success',
      4,
      1,
      4,
      16,
      true,
    ],
    [
      'holds errors',
      'local r = goroutine.await_all{goroutine.async(function() error("bad", 0) end)} return r[1].success, r[1].error:match("^bad\\n") ~= nil, r[1].values',
      false,
      true,
      none,
    ],
    ['of none is empty', 'return #goroutine.await_all{}, #goroutine.wait_all({}, 1)', 0, 0],
    [
      'takes milliseconds',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) local r = goroutine.await_all({h}, 5) h:cancel() return r[1].success, r[1].error',
      false,
      'timeout exceeded',
    ],
    [
      'takes seconds as wait_all',
      'local h = goroutine.async(function() goroutine.sleep(20) return 1 end) local r = goroutine.wait_all({h}, 60) return r[1].success, go.wait_all({h}, 60)[1].value',
      true,
      1,
    ],
    [
      'takes a timeout in a table',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) local r = goroutine.await_all({h}, {timeout = 5}) h:cancel() return r[1].error',
      'timeout exceeded',
    ],
    [
      'still has what ended in time',
      'local a, b = goroutine.async(function() return 1 end), goroutine.async(function() goroutine.sleep(9000) end) local r = goroutine.await_all({b, a}, 50) b:cancel() return r[1].success, r[2].success',
      false,
      true,
    ],
    [
      'may hold one handle twice',
      'local h = goroutine.async(function() return {} end) local r = goroutine.await_all{h, h} return r[1].value ~= r[2].value',
      true,
    ],
    [
      'is not changed by changes to the list',
      'local l = {goroutine.async(function() goroutine.sleep(10) return 1 end)} goroutine.shared(function() l[1] = nil end) return #goroutine.await_all(l)',
      1,
    ],
    [
      'holds nil as a value among values',
      'local r = goroutine.await_all{goroutine.async(function() return nil, 2 end)} return r[1].value, r[1].values[2]',
      none,
      2,
    ],
  ]);

  itRaises([
    [
      'names the index of what is no handle',
      'goroutine.await_all{go.spawn(function() end), 5}',
      /list index 2: a goroutine handle was expected, got number/,
    ],
    ['needs a list', 'goroutine.await_all(5)', /bad argument #1 to 'await_all' \(table expected, got number\)/],
    [
      'needs a list for wait_all',
      'goroutine.wait_all()',
      /bad argument #1 to 'wait_all' \(table expected, got no value\)/,
    ],
    ['needs a timeout that is not negative', 'goroutine.await_all({}, -1)', /bad argument #2 to 'await_all'.*negative/],
  ]);
});

describe.concurrent('the status of a goroutine', () => {
  itReturns([
    ['is ready before it runs', 'return goroutine.shared(function() end):status()', 'ready'],
    [
      'is waiting while it waits',
      'local h = go.spawn(function() goroutine.sleep(9000) end) goroutine.sleep(20) local s = h:status() h:cancel() return s',
      'waiting',
    ],
    [
      'is running while it runs',
      'local c = channel.make(1) local h = goroutine.parallel(function() c:send(1) while #c == 1 do end end) local s for i = 1, 10000 do s = h:status() if s == "running" then break end goroutine.sleep(1) end c:receive() return s',
      'running',
    ],
    [
      'is running of itself',
      'local h h = goroutine.shared(function() return h:status() end) return select(2, h:await())',
      'running',
    ],
    ['is done when it returned', 'local h = goroutine.async(function() end) h:await() return h:status()', 'done'],
    [
      'is failed when it raised',
      'local h = goroutine.async(function() error() end) h:await() return h:status()',
      'failed',
    ],
    [
      'is cancelled when it was',
      'local h = goroutine.async(function() goroutine.sleep(9000) end) h:cancel() h:await() return h:status()',
      'cancelled',
    ],
    [
      'is done even if it was cancelled afterwards',
      'local h = goroutine.async(function() return 1 end) h:await() h:cancel() return h:status(), h:await()',
      'done',
      true,
      1,
    ],
  ]);
});

describe.concurrent('goroutine.parallel', () => {
  itReturns([
    [
      'runs a function on an island of its own',
      'return goroutine.parallel(function(n) return n + 1 end, 4):await()',
      true,
      5,
    ],
    [
      'shares locks by reference',
      'local mu = goroutine.mutex() mu:lock() local h = goroutine.parallel(function() return mu:try_lock() end) return h:await()',
      true,
      false,
    ],
    [
      'awaits a list of functions',
      'local r = goroutine.parallel{function() return 1 end, function() error("x", 0) end} return r[1].value, r[2].success, #r',
      1,
      false,
      2,
    ],
    [
      'of an empty list is empty',
      'return #goroutine.parallel{}, #goroutine.parallel{tasks = {}, max_concurrent = 2}',
      0,
      0,
    ],
    [
      'runs at most max_concurrent at once',
      'local now, most = goroutine.atomic_int(), goroutine.atomic_int() local ts = {} for i = 1, 8 do ts[i] = function() local n = now:add(1) if n > most:load() then most:store(n) end goroutine.sleep(3) now:add(-1) return i end end local r = goroutine.parallel{tasks = ts, max_concurrent = 2} return most:load(), #r, r[8].value',
      2,
      8,
      8,
    ],
    [
      'places the functions of a list by the ordinary rule',
      'local n = 0 local r = goroutine.parallel{function() n = n + 1 end, function() n = n + 1 end} return n',
      2,
    ],
    [
      'finds Lua and its modules there',
      'local h = goroutine.parallel(function() local c = channel.make(1) c:send(string.upper("a")) return c:receive() end) return h:await()',
      true,
      'A',
      true,
    ],
  ]);

  itRaises([
    [
      'raises with the reason for a captured local it assigns',
      'local n = 0 goroutine.parallel(function() n = n + 1 end)',
      /this function cannot run in parallel: .*n/,
    ],
    [
      'raises with the reason for a coroutine',
      'local co = coroutine.create(print) goroutine.parallel(function() return coroutine.status(co) end)',
      /this function cannot run in parallel: .*/,
    ],
    [
      'needs a function or a list',
      'goroutine.parallel(4)',
      /bad argument #1 to 'parallel' \(function, list or .* expected, got number\)/,
    ],
    [
      'names the index of what is no function',
      'goroutine.parallel{print, 4}',
      /list index 2: a function was expected, got number/,
    ],
    [
      'needs a whole max_concurrent',
      'goroutine.parallel{tasks = {}, max_concurrent = 1.5}',
      /max_concurrent: an integer of at least 1 was expected/,
    ],
    [
      'needs a positive max_concurrent',
      'goroutine.parallel{tasks = {}, max_concurrent = 0}',
      /max_concurrent: an integer of at least 1 was expected/,
    ],
    [
      'needs tasks that are a list',
      'goroutine.parallel{tasks = 3}',
      /tasks: a list of functions was expected, got number/,
    ],
  ]);
});

describe.concurrent('goroutine.shared and explain', () => {
  itReturns([
    [
      "shared stays on its parent's island",
      'local t = {} local h = goroutine.shared(function() t.x = 1 end) h:await() return t.x',
      1,
    ],
    [
      'shared is counted',
      'local b = goroutine.stats().shared goroutine.shared(function() end):await() return goroutine.stats().shared - b',
      1,
    ],
    [
      'parallel is counted',
      'local b = goroutine.stats().parallel goroutine.parallel(function() end):await() return goroutine.stats().parallel - b',
      1,
    ],
    [
      'explain says that a function is parallel',
      'local e = goroutine.explain(function() return 1 end) return e.parallel, #e.reasons, tostring(e)',
      true,
      0,
      'parallel',
    ],
    [
      'explain gives reasons with name, file and line',
      'local n = 0\nlocal e = goroutine.explain(function()\n  n = n + 1\nend) local r = e.reasons[1] return e.parallel, r.name, r.line, type(r.kind), type(r.message), type(r.file)',
      false,
      'n',
      3,
      'string',
      'string',
      'string',
    ],
    [
      'explain prints as text',
      'local n = 0 local e = goroutine.explain(function() n = n + 1 end) return tostring(e):match("^shared\\n  ") ~= nil',
      true,
    ],
  ]);

  it('explain needs a function', async () => {
    expect(await errorOf('goroutine.explain(3)')).toMatch(/bad argument #1 to 'explain' \(function expected/);
  });
});

describe.concurrent('a goroutine and the clock', () => {
  itReturns([
    [
      'sleeps milliseconds in goroutine.sleep',
      'local t = goroutine.now() goroutine.sleep(20) local d = goroutine.now() - t return d >= 19, d < 5000',
      true,
      true,
    ],
    [
      'sleeps seconds in channel.sleep and go.sleep',
      'local t = goroutine.now() channel.sleep(0.01) go.sleep(0.01) local d = goroutine.now() - t return d >= 19, d < 5000',
      true,
      true,
    ],
    [
      'yields once for a sleep of zero',
      'local t = {} local h = goroutine.shared(function() t[#t + 1] = "b" end) t[#t + 1] = "a" goroutine.sleep(0) t[#t + 1] = "c" return table.concat(t)',
      'abc',
    ],
    [
      'lets a sibling run when it yields',
      'local t = {} goroutine.shared(function() t[#t + 1] = "b" end) t[#t + 1] = "a" goroutine.yield() t[#t + 1] = "c" return table.concat(t)',
      'abc',
    ],
    [
      'sees time as a float that grows',
      'local a = goroutine.now() goroutine.sleep(2) return math.type(a), goroutine.now() > a',
      'float',
      true,
    ],
    [
      'knows its id',
      'local h h = goroutine.async(function() return goroutine.id() end) local _, id = h:await() return id == h:id(), id ~= goroutine.id()',
      true,
      true,
    ],
    [
      'counts the living',
      'local a = goroutine.count() local h = go.spawn(function() goroutine.sleep(9000) end) local b = goroutine.count() h:cancel() h:await() return a, b',
      1,
      2,
    ],
    [
      'reads statistics',
      'local s = goroutine.stats() local n = 0 for _, k in ipairs{"live", "ready", "islands", "workers", "spawned", "parallel", "shared", "preemptions", "steals"} do if math.type(s[k]) == "integer" then n = n + 1 end end return n, s.live, s.workers',
      9,
      1,
      2,
    ],
    [
      'counts who waits by kind',
      'local c = channel.make() local h = go.spawn(function() c:receive() end) goroutine.sleep(20) local w = goroutine.stats().waiting c:close() local n = 0 for kind, count in pairs(w) do n = n + count end return n',
      1,
    ],
  ]);

  itRaises([
    ['does not sleep a negative time', 'goroutine.sleep(-1)', /bad argument #1 to 'sleep'.*negative/],
    ['does not sleep NaN', 'channel.sleep(0/0)', /bad argument #1 to 'sleep'.*NaN/],
    ['does not sleep nothing', 'goroutine.sleep()', /bad argument #1 to 'sleep' \(number expected, got no value\)/],
    ['does not sleep text', 'go.sleep("long")', /bad argument #1 to 'sleep' \(number expected, got string\)/],
  ]);
});

describe.concurrent('goroutine.timeout', () => {
  itReturns([
    [
      'gives true and the results',
      'return goroutine.timeout(60000, function(a, b) return a + b, nil, "x" end, 1, 2)',
      true,
      3,
      none,
      'x',
    ],
    [
      'gives false and the message of an error',
      'local ok, e = goroutine.timeout(60000, function() error("bad", 0) end) return ok, e:match("^bad") ~= nil',
      false,
      true,
    ],
    [
      'gives false and an error that is a table',
      'local ok, e = goroutine.timeout(60000, function() error({c = 1}) end) return ok, e.c',
      false,
      1,
    ],
    [
      'stops what waits',
      'return goroutine.timeout(10, function() goroutine.sleep(9000) end)',
      false,
      'timeout exceeded',
    ],
    [
      'stops at once when its time is zero',
      'return goroutine.timeout(0, function() while true do goroutine.sleep(1) end end)',
      false,
      'timeout exceeded',
    ],
    [
      'runs as a child with an id of its own',
      'return select(2, goroutine.timeout(60000, goroutine.id)) ~= goroutine.id()',
      true,
    ],
    [
      'runs the defers of the child before it returns',
      'local t = {} goroutine.timeout(60000, function() defer(function() t[#t + 1] = "defer" end) t[#t + 1] = "body" end) return table.concat(t, " ")',
      'body defer',
    ],
    [
      'lets the child clean up when its time is over',
      'local t = {} local ok, e = goroutine.timeout(10, function() local x <close> = setmetatable({}, {__close = function() goroutine.sleep(2) t[1] = "closed" end}) goroutine.sleep(9000) end) return ok, e, t[1]',
      false,
      'timeout exceeded',
      'closed',
    ],
    [
      'releases the locks of the child',
      'local mu = goroutine.mutex() goroutine.timeout(10, function() mu:lock() goroutine.sleep(9000) end) return mu:lock()',
      true,
      'abandoned',
    ],
    [
      'nests, and the shorter time wins',
      'return goroutine.timeout(60000, function() return goroutine.timeout(10, function() goroutine.sleep(9000) end) end)',
      true,
      false,
      'timeout exceeded',
    ],
    [
      'nests, and the outer time wins',
      'return goroutine.timeout(10, function() return goroutine.timeout(60000, function() goroutine.sleep(9000) end) end)',
      false,
      'timeout exceeded',
    ],
    ['without limit is a call', 'return goroutine.timeout(math.huge, function() return 1 end)', true, 1],
    [
      'takes its time in a table',
      'return goroutine.timeout({timeout = 10}, function() goroutine.sleep(9000) end)',
      false,
      'timeout exceeded',
    ],
  ]);

  itRaises([
    ['needs a function', 'goroutine.timeout(5)', /bad argument #2 to 'timeout' \(function expected, got no value\)/],
    ['needs a time', 'goroutine.timeout("x", print)', /bad argument #1 to 'timeout' \(number expected, got string\)/],
    ['needs a time that is not negative', 'goroutine.timeout(-5, print)', /bad argument #1 to 'timeout'.*negative/],
  ]);

  it('does not hold a run open when its function ended in time', async () => {
    const started = performance.now();
    expect(await valuesOf('return goroutine.timeout(600000, function() end)')).toEqual([true]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe.concurrent('defer', () => {
  itReturns([
    [
      'runs its function when the goroutine ends',
      'local c = channel.make(1) go.spawn(function() defer(function() c:send("deferred") end) end) return c:receive()',
      'deferred',
      true,
    ],
    [
      'runs the last first',
      'local t = {} goroutine.shared(function() for i = 1, 3 do defer(function() t[#t + 1] = i end) end end):await() return table.concat(t)',
      '321',
    ],
    [
      'runs after an error',
      'local t = {} goroutine.async(function() defer(function() t[1] = "ran" end) error("x") end):await() return t[1]',
      'ran',
    ],
    [
      'runs after a cancellation',
      'local t = {} local h = goroutine.shared(function() defer(function() t[1] = "ran" end) goroutine.sleep(9000) end) goroutine.sleep(5) h:cancel() h:await() return t[1]',
      'ran',
    ],
    [
      'runs what is deferred meanwhile',
      'local t = {} goroutine.shared(function() defer(function() t[#t + 1] = "a" defer(function() t[#t + 1] = "b" end) end) end):await() return table.concat(t)',
      'ab',
    ],
    [
      'may wait',
      'local t = {} goroutine.shared(function() defer(function() goroutine.sleep(3) t[1] = "waited" end) end):await() return t[1]',
      'waited',
    ],
    [
      'runs before who awaits goes on',
      'local c = channel.make(1) goroutine.async(function() defer(function() goroutine.sleep(5) c:send(1) end) end):await() return #c',
      1,
    ],
    [
      'belongs to the goroutine, not to the coroutine',
      'local t = {} goroutine.shared(function() coroutine.wrap(function() defer(function() t[#t + 1] = "d" end) end)() t[#t + 1] = "after" end):await() return table.concat(t, " ")',
      'after d',
    ],
    [
      'changes no result',
      'return goroutine.async(function() defer(function() return 9 end) return 1 end):await()',
      true,
      1,
    ],
  ]);

  it('needs a function', async () => {
    expect(await errorOf('defer(3)')).toMatch(/bad argument #1 to 'defer' \(function expected, got number\)/);
  });
});
