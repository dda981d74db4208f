import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('the body of a goroutine', () => {
  itReturns([
    ['is a main thread', 'return select(2, coroutine.running())', true],
    [
      'is a main thread on every goroutine',
      'return goroutine.async(function() return select(2, coroutine.running()) end):await()',
      true,
      true,
    ],
    ['is not yieldable', 'return coroutine.isyieldable()', false],
    ['is running for itself', 'return coroutine.status(coroutine.running())', 'running'],
    ['cannot yield', 'return pcall(coroutine.yield, 1)', false, 'attempt to yield from outside a coroutine'],
    [
      'is normal for its coroutines',
      'local body = coroutine.running() return coroutine.wrap(function() return coroutine.status(body) end)()',
      'normal',
    ],
    [
      'is normal for its siblings while it waits',
      'local body local h = goroutine.shared(function() body = coroutine.running() goroutine.sleep(20) end) goroutine.sleep(5) return coroutine.status(body)',
      'normal',
    ],
    [
      'is not resumed by its coroutines',
      'local body = coroutine.running() return coroutine.wrap(function() return coroutine.resume(body) end)()',
      false,
      'cannot resume non-suspended coroutine',
    ],
    [
      'is not resumed by itself',
      'return coroutine.resume(coroutine.running())',
      false,
      'cannot resume non-suspended coroutine',
    ],
    [
      'is not resumed by its siblings',
      'local body local h = goroutine.shared(function() body = coroutine.running() goroutine.sleep(20) end) goroutine.sleep(5) return coroutine.resume(body)',
      false,
      'cannot resume non-suspended coroutine',
    ],
    [
      'is not closed by its siblings',
      'local body local h = goroutine.shared(function() body = coroutine.running() goroutine.sleep(20) end) goroutine.sleep(5) return pcall(coroutine.close, body)',
      false,
      'cannot close a normal coroutine',
    ],
    [
      'is not closed by itself',
      'return pcall(coroutine.close, coroutine.running())',
      false,
      'cannot close a running coroutine',
    ],
    [
      'is dead when it has ended',
      'local body goroutine.shared(function() body = coroutine.running() end):await() return coroutine.status(body), coroutine.resume(body)',
      'dead',
      false,
      'cannot resume dead coroutine',
    ],
    [
      'is dead when it has failed',
      'local body goroutine.async(function() body = coroutine.running() error("x") end):await() return coroutine.status(body), coroutine.resume(body)',
      'dead',
      false,
      'cannot resume dead coroutine',
    ],
    [
      'is not taken for a coroutine by debug.sethook',
      'local body goroutine.shared(function() body = coroutine.running() goroutine.sleep(20) end) goroutine.sleep(5) return (pcall(debug.sethook, body, print, "l"))',
      false,
    ],
    [
      'shows a traceback to its siblings',
      'local body goroutine.shared(function() body = coroutine.running() goroutine.sleep(20) end) goroutine.sleep(5) return debug.traceback(body):match("sleep") ~= nil',
      true,
    ],
  ]);
});

describe.concurrent('a coroutine in which a goroutine is parked', () => {
  const parked = `
    local co = coroutine.create(function() goroutine.sleep(20) coroutine.yield("yielded") return "returned" end)
    local first goroutine.shared(function() first = table.pack(coroutine.resume(co)) end)
    goroutine.sleep(5) `;
  itReturns([
    ['is normal', `${parked} return coroutine.status(co)`, 'normal'],
    ['is not resumed', `${parked} return coroutine.resume(co)`, false, 'cannot resume non-suspended coroutine'],
    ['is not closed', `${parked} return pcall(coroutine.close, co)`, false, 'cannot close a normal coroutine'],
    ['gets no hook', `${parked} return (pcall(debug.sethook, co, print, "l"))`, false],
    [
      'is resumable again when it has yielded',
      `${parked} goroutine.sleep(40) return first[2], coroutine.status(co), coroutine.resume(co)`,
      'yielded',
      'suspended',
      true,
      'returned',
    ],
    [
      'is not called through wrap',
      'local f = coroutine.wrap(function() goroutine.sleep(20) end) goroutine.shared(function() f() end) goroutine.sleep(5) return pcall(f)',
      false,
      'cannot resume non-suspended coroutine',
    ],
    [
      'may be handed on to another goroutine between',
      'local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) goroutine.sleep(2) return b + 1 end) local _, x = coroutine.resume(co, 1) local h = goroutine.shared(function() return coroutine.resume(co, 10) end) return x, h:await()',
      2,
      true,
      true,
      11,
    ],
    [
      'waits on behalf of whoever resumes it',
      'local co = coroutine.wrap(function() while true do coroutine.yield(goroutine.id()) goroutine.sleep(1) end end) local h = goroutine.shared(function() return co() == goroutine.id() end) local _, a = h:await() return a, co() == goroutine.id()',
      true,
      true,
    ],
  ]);
});

describe.concurrent('the coroutine library', () => {
  itReturns([
    [
      'passes values both ways',
      'local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d, e end) local r = {} for _, args in ipairs{{1, 2}, {10}, {"x", "y"}} do r[#r + 1] = select(2, coroutine.resume(co, table.unpack(args))) end return r[1], r[2], r[3], coroutine.status(co)',
      3,
      20,
      'x',
      'dead',
    ],
    [
      'hands many values through',
      'local co = coroutine.wrap(function(...) return select("#", coroutine.yield(...)) end) return select("#", co(table.unpack({}, 1, 200))), co(table.unpack({}, 1, 150))',
      200,
      150,
    ],
    ['tells errors by resume', 'return coroutine.resume(coroutine.create(function() error("e", 0) end))', false, 'e'],
    [
      'tells error objects by resume',
      'local _, e = coroutine.resume(coroutine.create(function() error({1}) end)) return e[1]',
      1,
    ],
    [
      'propagates errors through wrap with a position',
      'local ok, e = pcall(coroutine.wrap(function() error("e") end)) return ok, e',
      false,
      'script:1: e',
    ],
    [
      "adds the caller's position in wrap",
      'local f = coroutine.wrap(function() error("e", 0) end) local ok, e = pcall(function() f() end) return e',
      'script:1: e',
    ],
    [
      'is dead after an error',
      'local co = coroutine.create(error) coroutine.resume(co) return coroutine.status(co), coroutine.resume(co)',
      'dead',
      false,
      'cannot resume dead coroutine',
    ],
    [
      'refuses to call a dead wrap',
      'local f = coroutine.wrap(function() end) f() local ok, e = pcall(function() f() end) return ok, e',
      false,
      'script:1: cannot resume dead coroutine',
    ],
    [
      'knows the status of its own',
      'local co co = coroutine.create(function() return coroutine.status(co) end) return coroutine.status(co), select(2, coroutine.resume(co))',
      'suspended',
      'running',
    ],
    [
      'sees a coroutine that resumed another as normal',
      'local a a = coroutine.create(function() return coroutine.wrap(function() return coroutine.status(a) end)() end) return select(2, coroutine.resume(a))',
      'normal',
    ],
    [
      'sees a finished one as dead',
      'local co = coroutine.create(function() end) coroutine.resume(co) return coroutine.status(co)',
      'dead',
    ],
    [
      'yields across pcall',
      'local co = coroutine.wrap(function() local ok, v = pcall(function() return coroutine.yield(1) + 1 end) coroutine.yield(v) return "end" end) return co(), co(5), co()',
      1,
      6,
      'end',
    ],
    [
      'yields across pcall and fails',
      'local co = coroutine.wrap(function() return pcall(function() coroutine.yield(1) error("e", 0) end) end) co() return co()',
      false,
      'e',
    ],
    [
      'yields in metamethods',
      'local t = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end}) local co = coroutine.wrap(function() return t.x .. t.y end) return co(), co("1"), co("2")',
      'x',
      'y',
      '12',
    ],
    [
      'yields in iterators',
      'local co = coroutine.wrap(function() local s = 0 for v in coroutine.yield do s = s + v end return s end) co() co(1) co(2) return co(nil)',
      3,
    ],
    [
      'yields across select handlers and range functions',
      'local c = channel.make(2) c:send(1) c:send(2) c:close() local co = coroutine.wrap(function() channel.select{{"|<-", c, function(v) coroutine.yield(v) end}} c:range(function(v) coroutine.yield(v) end) return "end" end) return co(), co(), co()',
      1,
      2,
      'end',
    ],
    [
      'does not yield across table.sort',
      'local co = coroutine.create(function() table.sort({1, 2}, function() coroutine.yield() end) end) return coroutine.resume(co)',
      false,
      'attempt to yield across a C-call boundary',
    ],
    ['is yieldable inside', 'return coroutine.wrap(function() return coroutine.isyieldable() end)()', true],
    [
      'is not yieldable inside a comparator',
      'local y coroutine.wrap(function() table.sort({1, 2}, function() y = coroutine.isyieldable() end) end)() return y',
      false,
    ],
    [
      'tells that a given coroutine is yieldable',
      'local co = coroutine.create(function() coroutine.yield() end) return coroutine.isyieldable(co)',
      true,
    ],
    [
      'runs in a coroutine that is not main',
      'return coroutine.wrap(function() return select(2, coroutine.running()) end)()',
      false,
    ],
    [
      'closes a suspended coroutine',
      'local t = {} local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() t[1] = "closed" end}) coroutine.yield() end) coroutine.resume(co) return coroutine.close(co), t[1], coroutine.status(co)',
      true,
      'closed',
      'dead',
    ],
    [
      'closes a coroutine whose handler fails',
      'local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() error("in close", 0) end}) coroutine.yield() end) coroutine.resume(co) return coroutine.close(co)',
      false,
      'in close',
    ],
    [
      'closes a failed coroutine and tells its error',
      'local co = coroutine.create(error) coroutine.resume(co, "e") return coroutine.close(co)',
      false,
      'e',
    ],
    [
      'closes a fresh and a dead coroutine',
      'local a, b = coroutine.create(print), coroutine.create(function() end) coroutine.resume(b) return coroutine.close(a), coroutine.close(b)',
      true,
      true,
    ],
    [
      'waits in a handler while closing',
      'local t = {} local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() goroutine.sleep(3) t[1] = "slept" end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co) return t[1]',
      'slept',
    ],
    [
      'closes variables of a wrapped coroutine that fails',
      'local t = {} local f = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() t[1] = "closed" end}) error("e", 0) end) local ok, e = pcall(f) return ok, t[1]',
      false,
      'closed',
    ],
    [
      'collects what is never resumed',
      'for i = 1, 1000 do local co = coroutine.wrap(function() coroutine.yield() end) co() end collectgarbage() return true',
      true,
    ],
    [
      'generates permutations',
      'local function perm(a, n) if n == 0 then coroutine.yield(a) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end local n = 0 for p in coroutine.wrap(function() perm({1, 2, 3, 4}, 4) end) do n = n + 1 end return n',
      24,
    ],
    [
      'sieves primes through a chain',
      'local function gen(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end local function filter(p, g) return coroutine.wrap(function() for n in g do if n % p ~= 0 then coroutine.yield(n) end end end) end local x, t = gen(60), {} while true do local n = x() if not n then break end t[#t + 1] = n x = filter(n, x) end return table.concat(t, " ")',
      '2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59',
    ],
    [
      'nests a hundred deep',
      'local function deep(n) if n == 0 then goroutine.sleep(1) return 0 end return coroutine.wrap(deep)(n - 1) + 1 end return deep(100)',
      100,
    ],
    [
      'stops nesting with an error',
      'local function deep() return coroutine.wrap(deep)() end local ok, e = pcall(deep) return ok, e:find("C stack overflow", 1, true) ~= nil',
      false,
      true,
    ],
    [
      'hands debug.traceback of a suspended one',
      'local co = coroutine.create(function() local x = 1 coroutine.yield() end) coroutine.resume(co) return debug.traceback(co):match("script:1") ~= nil',
      true,
    ],
    [
      'keeps xpcall and its handler across yields',
      'local co = coroutine.wrap(function() return xpcall(function() coroutine.yield(1) error("e", 0) end, function(m) return m .. "!" end) end) co() return co()',
      false,
      'e!',
    ],
    [
      'lets resume be protected and resumed in turn',
      'local co = coroutine.create(coroutine.resume) return coroutine.resume(co, coroutine.create(function(...) return ... end), 1, 2)',
      true,
      true,
      1,
      2,
    ],
    ['wraps a C function', 'return coroutine.wrap(string.rep)("ab", 2)', 'abab'],
    [
      'creates one over yield itself',
      'local co = coroutine.create(coroutine.yield) local _, a = coroutine.resume(co, 1) return a, coroutine.resume(co, 2)',
      1,
      true,
      2,
    ],
    [
      'survives a resume of many arguments',
      'local co = coroutine.create(function(...) return select("#", ...) end) local ok, e = pcall(coroutine.resume, co, table.unpack({}, 1, 5000)) return ok',
      true,
    ],
  ]);

  itRaises([
    [
      'creates from functions',
      'coroutine.create(3)',
      /bad argument #1 to 'create' \(function expected(?:, got number)?\)/,
    ],
    ['wraps functions', 'coroutine.wrap("x")', /bad argument #1 to 'wrap' \(function expected(?:, got string)?\)/],
    [
      'resumes coroutines',
      'coroutine.resume(print)',
      /bad argument #1 to 'resume' \(coroutine expected(?:, got function)?\)/,
    ],
    ['closes coroutines', 'coroutine.close()', /bad argument #1 to 'close' \(coroutine expected/],
    ['tells the status of coroutines', 'coroutine.status({})', /bad argument #1 to 'status' \(coroutine expected/],
  ]);
});

describe.concurrent('debug.sethook', () => {
  itReturns([
    [
      'sees lines',
      'local n = 0 debug.sethook(function() n = n + 1 end, "l")\nlocal a = 1\nlocal b = 2\ndebug.sethook() return n',
      3,
    ],
    [
      'sees calls',
      'local t = {} local function f() end debug.sethook(function(e) t[#t + 1] = e end, "c") f() debug.sethook() return t[1]',
      'call',
    ],
    [
      'counts instructions',
      'local n = 0 debug.sethook(function() n = n + 1 end, "", 100) for i = 1, 1000 do end debug.sethook() return n >= 9 and n < 40',
      true,
    ],
    [
      'is read by gethook, mask and count included',
      'local f = function() end debug.sethook(f, "crl", 7) local g, m, c = debug.gethook() debug.sethook() return f == g, m, c, (debug.gethook())',
      true,
      'crl',
      7,
      none,
    ],
    [
      'belongs to one coroutine',
      'local n = 0 debug.sethook(function() n = n + 1 end, "l") local co = coroutine.wrap(function()\nlocal x = 1\nlocal y = 2\nend) local before = n co() local after = n debug.sethook() return after - before',
      0,
    ],
    [
      'may raise',
      'local ok, e = pcall(function() debug.sethook(function() debug.sethook() error("from hook", 0) end, "l")\nlocal x = 1\nend) return ok, e',
      false,
      'from hook',
    ],
    [
      'takes a coroutine',
      'local n = 0 local co = coroutine.create(function()\nlocal x\ncoroutine.yield()\nend) debug.sethook(co, function() n = n + 1 end, "l") coroutine.resume(co) return n > 0, (debug.gethook(co)) ~= nil, (debug.gethook())',
      true,
      true,
      none,
    ],
  ]);

  it('survives interruptions', async () => {
    // Other islands want the only worker, so that the main chunk is interrupted again and again.
    const busy =
      'for i = 1, 3 do goroutine.parallel(function() local t = goroutine.now() while goroutine.now() - t < 60 do end end) end';
    const source = `
      local n = 0
      debug.sethook(function() n = n + 1 end, "", 1000)
      local t = goroutine.now() while goroutine.now() - t < 60 do end
      local before = n
      for i = 1, 100000 do end
      local after = n
      debug.sethook()
      return after > before, goroutine.stats().preemptions > 0, (debug.gethook())`;
    const preludes = [{chunkName: '=busy', source: busy}];
    expect(await valuesOf(source, {preludes, runtime: {workers: 1}})).toEqual([true, true, none]);
  });
});
