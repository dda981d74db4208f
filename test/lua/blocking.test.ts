import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {errorOf, runScript, valuesOf} from './script.js';

// wait(v) gives v back after the goroutine has waited; `ticks` counts how often a sibling on the island ran meanwhile.
const waiting = `
  local ticks, stop = 0, false
  local sibling = goroutine.shared(function() while not stop do ticks = ticks + 1 goroutine.sleep(1) end end)
  local function wait(v)
    v = v or false
    local c = channel.make()
    goroutine.shared(function() goroutine.sleep(4) c:send(v) end)
    return (c:receive())
  end
`;

describe.concurrent('a goroutine may wait', () => {
  const places: readonly (readonly [where: string, source: string, ...values: readonly unknown[]])[] = [
    ['in pcall', 'return pcall(wait, 5)', true, 5],
    ['in pcall and fail afterwards', 'return pcall(function() wait() error("e", 0) end)', false, 'e'],
    ['in nested pcalls', 'return pcall(pcall, pcall, wait, 5)', true, true, true, 5],
    ['in xpcall', 'return xpcall(wait, debug.traceback, 5)', true, 5],
    [
      'in xpcall and fail afterwards',
      'return xpcall(function() wait() error("e", 0) end, function(e) return e .. "!" end)',
      false,
      'e!',
    ],
    ['in the handler of xpcall', 'return xpcall(error, function(e) return wait(e) .. "!" end, "e")', false, 'e!'],
    ['in __index', 'return setmetatable({}, {__index = function(_, k) return wait(k) end}).key', 'key'],
    [
      'in __newindex',
      'local t, got = setmetatable({}, {__newindex = function(_, k, v) got = wait(v) end}) t.x = 4 return 4',
      4,
    ],
    ['in __call', 'return setmetatable({}, {__call = function(_, a) return wait(a) end})(6)', 6],
    ['in __add', 'return setmetatable({}, {__add = function(_, b) return wait(b) + 1 end}) + 6', 7],
    ['in __unm', 'return -setmetatable({}, {__unm = function() return wait(3) end})', 3],
    [
      'in __concat',
      'return "a" .. "b" .. setmetatable({}, {__concat = function(a, b) return type(a) == "string" and a .. wait("c") or wait("x") .. b end}) .. "d"',
      'abxd',
    ],
    ['in __len', 'return #setmetatable({}, {__len = function() return wait(8) end})', 8],
    [
      'in __eq',
      'local m = {__eq = function() return wait(true) end} return setmetatable({}, m) == setmetatable({}, m)',
      true,
    ],
    [
      'in __lt',
      'local m = {__lt = function() return wait(true) end} return setmetatable({}, m) < setmetatable({}, m)',
      true,
    ],
    [
      'in __le',
      'local m = {__le = function() return wait(false) end} return setmetatable({}, m) <= setmetatable({}, m)',
      false,
    ],
    [
      'in __close',
      'local got do local x <close> = setmetatable({}, {__close = function() got = wait(2) end}) end return got',
      2,
    ],
    [
      'in __close after an error',
      'local got local ok, e = pcall(function() local x <close> = setmetatable({}, {__close = function(_, e) got = wait(e) end}) error("e", 0) end) return ok, e, got',
      false,
      'e',
      'e',
    ],
    [
      'in __close on the way out of a function',
      'local function f() local x <close> = setmetatable({}, {__close = function() wait(1) end}) return 1, 2, 3 end return f()',
      1,
      2,
      3,
    ],
    [
      'in __close on the way out of a loop',
      'for i = 1, 3 do local x <close> = setmetatable({}, {__close = function() wait(1) end}) if i == 2 then break end end return "out"',
      'out',
    ],
    [
      'in an iterator',
      'local s = 0 for v in function(_, i) i = (i or 0) + 1 if i < 4 then return wait(i) end end do s = s * 10 + v end return s',
      123,
    ],
    [
      'in __pairs',
      'local s = 0 for k, v in pairs(setmetatable({}, {__pairs = function(t) wait(1) return next, {7} end})) do s = s + v end return s',
      7,
    ],
    ['in a coroutine', 'return coroutine.wrap(function() return wait(5) end)()', 5],
    [
      'in a coroutine that yields between',
      'local co = coroutine.wrap(function(a) local b = coroutine.yield(wait(a)) return wait(b) end) return co(1), co(2)',
      1,
      2,
    ],
    [
      'in coroutine.resume',
      'local co = coroutine.create(function(a) return wait(a) end) return coroutine.resume(co, 4)',
      true,
      4,
    ],
    [
      'in coroutines three deep',
      'local w = coroutine.wrap return w(function() return w(function() return w(function() return wait(3) end)() + 1 end)() + 1 end)()',
      5,
    ],
    [
      'in pcall inside a coroutine inside pcall',
      'return pcall(function() return coroutine.wrap(function() return pcall(wait, 9) end)() end)',
      true,
      true,
      9,
    ],
    [
      'in a metamethod inside a coroutine',
      'local t = setmetatable({}, {__index = function(_, k) return wait(k) end}) return coroutine.wrap(function() return t.a .. t.b end)()',
      'ab',
    ],
    [
      'in a coroutine used as an iterator',
      'local s = 0 for v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(wait(i)) end end) do s = s * 10 + v end return s',
      123,
    ],
    [
      'in a coroutine and fail afterwards',
      'local co = coroutine.create(function() wait() error("e", 0) end) return coroutine.resume(co)',
      false,
      'e',
    ],
    [
      'in a select handler',
      'local c = channel.make(1) c:send(1) return channel.select{{"|<-", c, function(v) return wait(v) end}}[1]',
      1,
    ],
    [
      'in a select handler inside a coroutine',
      'local c = channel.make(1) c:send(1) return coroutine.wrap(function() return channel.select{{"|<-", c, function(v) return wait(v) end}}[1] end)()',
      1,
    ],
    [
      'in the function of range',
      'local c, s = channel.make(3), 0 c:send(1) c:send(2) c:close() c:range(function(v) s = s * 10 + wait(v) end) return s',
      12,
    ],
    ['in mutex:with', 'return goroutine.mutex():with(wait, 3)', 3],
    [
      'in a comparator of table.sort',
      'local t = {3, 1, 2} table.sort(t, function(a, b) return wait(a) < b end) return table.concat(t)',
      '123',
    ],
    [
      'in a comparator inside a coroutine',
      'return coroutine.wrap(function() local t = {3, 1, 2} table.sort(t, function(a, b) return wait(a) < b end) return table.concat(t) end)()',
      '123',
    ],
    [
      'in a coroutine inside a comparator',
      'local t = {3, 1, 2} table.sort(t, function(a, b) return coroutine.wrap(function() return wait(a) < b end)() end) return table.concat(t)',
      '123',
    ],
    ['in a callback of string.gsub', 'return (("abc"):gsub(".", function(c) return wait(c):upper() end))', 'ABC'],
    [
      'in a table used by string.gsub',
      'return (("abc"):gsub(".", setmetatable({}, {__index = function(_, c) return wait(c) .. c end})))',
      'aabbcc',
    ],
    ['in __tostring', 'return tostring(setmetatable({}, {__tostring = function() return wait("t") end}))', 't'],
    [
      'in __tostring under string.format',
      'return ("%s!"):format(setmetatable({}, {__tostring = function() return wait("t") end}))',
      't!',
    ],
    [
      'in __index under table.concat',
      'return table.concat(setmetatable({}, {__index = function(_, i) return wait(i) end, __len = function() return wait(3) end}))',
      '123',
    ],
    ['in a chunk that was loaded', 'return load("local w = ... return w(3)")(wait)', 3],
    [
      'in a reader of load',
      'local n = 0 return load(function() n = n + 1 wait() return ({"return ", "4", "2"})[n] end)()',
      42,
    ],
    [
      'in a reader of load inside a coroutine',
      'return coroutine.wrap(function() local n = 0 return load(function() n = n + 1 wait() return ({"return ", "4", "2"})[n] end)() end)()',
      42,
    ],
    [
      'in a searcher of require',
      'table.insert(package.searchers, 2, function(name) return function() return wait(name .. "!") end end) return (require("own"))',
      'own!',
    ],
    [
      'in a loader of package.preload',
      'package.preload.pre = function(name) return {wait(name)} end return require("pre")[1], package.loaded.pre[1]',
      'pre',
      'pre',
    ],
    [
      'in a deferred function',
      'local got goroutine.shared(function() defer(function() got = wait("d") end) end):await() return got',
      'd',
    ],
    [
      'in a debug hook',
      'local got debug.sethook(function() debug.sethook() got = wait("h") end, "", 1) local x = 1 debug.sethook() return got',
      'h',
    ],
    [
      "in the function of table.move's metamethod",
      'local t = table.move(setmetatable({}, {__index = function(_, i) return wait(i) end}), 1, 3, 1, {}) return table.concat(t)',
      '123',
    ],
    ['in goroutine.timeout', 'return goroutine.timeout(9000, function() return wait(3) end)', true, 3],
    ['in next to last place: a tail call', 'local function f() return wait(3) end return f()', 3],
  ];
  it.each(places)('%s', async (_where, source, ...values) => {
    const script = `${waiting} local results = table.pack((function() ${source} end)()) stop = true sibling:await() assert(ticks > 1, "the sibling did not run") return table.unpack(results, 1, results.n)`;
    expect(await valuesOf(script)).toEqual(values);
  });
});

describe.concurrent('in a finalizer', () => {
  const calls = [
    'c:receive()',
    'c:send(1)',
    'channel.select{{"|<-", c}}',
    'goroutine.sleep(1)',
    'goroutine.sleep(0)',
    'goroutine.yield()',
    'h:await()',
    'goroutine.await_all{h}',
    'wg:wait()',
    'held:lock()',
    'goroutine.timeout(10, function() end)',
    'goroutine.pool_wait("p")',
    'os.execute("true")',
    'for v in c:range() do end',
    'held:with(print)',
  ];
  it.each(calls)('%s raises', async (call) => {
    const source = `
      local c, wg, held = channel.make(), goroutine.wait_group(), goroutine.mutex()
      wg:add() goroutine.pool_create("p") goroutine.pool_submit("p", function() c:receive() end)
      local h = go.spawn(function() c:receive() end)
      goroutine.shared(function() held:lock() c:receive() end)
      goroutine.sleep(5)
      local ok, message
      setmetatable({}, {__gc = function() ok, message = pcall(function() ${call} end) end})
      collectgarbage()
      c:close() wg:done()
      return ok, message`;
    const [ok, message] = await valuesOf(source);
    expect(ok).toBe(false);
    expect(message).toMatch(/finalizer|not possible here/);
  });

  it('what need not wait works', async () => {
    const source = `
      local c, wg = channel.make(4), goroutine.wait_group()
      local t = {}
      setmetatable({}, {__gc = function()
        t.sent = c:try_send(1)
        t.received = c:try_receive()
        t.default = channel.select{{"|<-", c}, {"default", function() return "d" end}}[1]
        wg:add(1) wg:done()
        t.atomic = goroutine.atomic_int(3):add(1)
        t.handle = goroutine.shared(function() t.ran = true end)
      end})
      collectgarbage()
      t.handle:await()
      return t.sent, t.received, t.default, t.atomic, t.ran`;
    expect(await valuesOf(source)).toEqual([true, 1, 'd', 4, true]);
  });

  it('what need not wait disturbs nothing the goroutine does', async () => {
    const source = `
      local c, mine, stop = channel.make(100), channel.make(1), false
      local function arm()
        setmetatable({}, {__gc = function()
          if stop then return end
          c:try_send({1, {2}}) c:try_receive()
          channel.select{{"|<-", c}, {"<-|", c, {3}}, {"default"}}
          local wg = goroutine.wait_group()
          go.spawn(function() end) goroutine.async(string.rep, "x", 3)
          pcall(c.send, c, coroutine.create(print))
          pcall(go.spawn, 3)
          arm()
        end})
      end
      for i = 1, 20 do arm() end
      collectgarbage("generational")
      local bad = 0
      for i = 1, 3000 do
        mine:send({i, {tostring(i), {}}})
        local r = channel.select{{"|<-", mine}, {"<-|", channel.make(), {i}}}
        if r[1] ~= 1 or r[2][1] ~= i or r[2][2][1] ~= tostring(i) then bad = bad + 1 end
        local h = i % 2 == 0 and goroutine.async(function(n) return {n} end, i) or goroutine.shared(function(n) return {n} end, i)
        local ok, v = h:await()
        if not ok or v[1] ~= i then bad = bad + 1 end
        local ok, e = pcall(mine.send, mine, {a = coroutine.create(print)})
        if e ~= "cannot send field 'a': a coroutine cannot leave its island" then bad = bad + 1 end
      end
      stop = true
      return bad`;
    expect(await valuesOf(source)).toEqual([0]);
  });
});

describe.concurrent('calls that block in place', () => {
  it('may be at most sixty-four at once', async () => {
    const source = `
      local c, raised, ok = channel.make(), 0, 0
      local wg = goroutine.wait_group()
      for i = 1, 70 do
        wg:add()
        goroutine.shared(function()
          defer(function() wg:done() end)
          local good, e = pcall(table.sort, {1, 2}, function() c:receive() return false end)
          if good then ok = ok + 1 elseif e:find("too many calls blocked where Lua cannot yield", 1, true) then raised = raised + 1 end
        end)
      end
      while raised < 6 do goroutine.sleep(1) end
      c:close() wg:wait()
      return ok, raised`;
    expect(await valuesOf(source)).toEqual([64, 6]);
  });

  it('end in any order', async () => {
    const source = `
      local order, cs, hs = {}, {}, {}
      for i = 1, 10 do
        cs[i] = channel.make()
        hs[i] = goroutine.shared(function() ("x"):gsub(".", function() cs[i]:receive() end) order[#order + 1] = i end)
      end
      goroutine.sleep(5)
      for _, i in ipairs{3, 1, 10, 2, 9, 4, 8, 5, 7, 6} do cs[i]:send(1) hs[i]:await() end
      return table.concat(order, " ")`;
    expect(await valuesOf(source)).toEqual(['3 1 10 2 9 4 8 5 7 6']);
  });

  it('are cancelled like others', async () => {
    const source = `
      local h = goroutine.shared(function() table.sort({1, 2}, function() goroutine.sleep(9000) end) end)
      goroutine.sleep(5) h:cancel("enough") return h:await()`;
    expect(await valuesOf(source)).toEqual([false, 'cancelled: enough', 'cancelled']);
  });

  it('nest with other goroutines of the island and its coroutines', async () => {
    const source = `
      local function deep(n)
        if n == 0 then goroutine.sleep(1) return 0 end
        local v
        table.sort({1, 2}, function() v = coroutine.wrap(function() return deep(n - 1) + 1 end)() return false end)
        return v
      end
      local hs = {}
      for i = 1, 8 do hs[i] = goroutine.shared(deep, 5) end
      local s = 0
      for _, r in ipairs(goroutine.await_all(hs)) do s = s + (r.value or error(r.error)) end
      return s`;
    expect(await valuesOf(source)).toEqual([40]);
  });
});

describe.concurrent('modules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sloth-modules-'));
  afterAll(() => rmSync(folder, {recursive: true, force: true}));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const path = `package.path = "${folder}/?.lua" `;

  it('may wait while they load', async () => {
    write(
      'waits.lua',
      'local c = channel.make() go.spawn(function() c:send(7) end) return {value = c:receive(), name = ...}',
    );
    expect(await valuesOf(`${path} local m, where = require("waits") return m.value, m.name, where`)).toEqual([
      7,
      'waits',
      `${folder}/waits.lua`,
    ]);
  });

  it('load once when two goroutines of an island ask while they load', async () => {
    write('slow.lua', 'loads = (loads or 0) + 1 goroutine.sleep(10) return {}');
    const source = `${path}
      local a = goroutine.shared(function() return tostring(require("slow")) end)
      local b = goroutine.shared(function() return tostring(require("slow")) end)
      local _, x = a:await() local _, y = b:await()
      return x == y, loads`;
    expect(await valuesOf(source)).toEqual([true, 1]);
  });

  it('load again after they failed, for who waited too', async () => {
    write(
      'fails.lua',
      'tries = (tries or 0) + 1 goroutine.sleep(5) if tries == 1 then error("not yet", 0) end return tries',
    );
    const source = `${path}
      local a = goroutine.shared(function() return pcall(require, "fails") end)
      local b = goroutine.shared(function() return pcall(require, "fails") end)
      local _, okA, eA = a:await() local _, okB, vB = b:await()
      return okA, eA, okB, vB`;
    expect(await valuesOf(source)).toEqual([false, 'not yet', true, 2]);
  });

  it('that return nothing are true, and tell where they were found', async () => {
    write('nothing.lua', 'x = 1');
    expect(await valuesOf(`${path} return require("nothing")`)).toEqual([true, `${folder}/nothing.lua`]);
  });

  it('that return false are loaded again each time, as in Lua', async () => {
    write('no.lua', 'n = (n or 0) + 1 return false');
    expect(await valuesOf(`${path} require("no") return require("no"), n`)).toEqual([false, 2]);
  });

  it('that are missing name every place', async () => {
    const message = await errorOf(`${path} require("not.there")`);
    expect(message).toContain("module 'not.there' not found:\n\tno field package.preload['not.there']\n\tno file '");
    expect(message).toContain(`${folder}/not/there.lua'`);
  });

  it('that do not parse name the file', async () => {
    write('broken.lua', 'x = = 1');
    expect(await errorOf(`${path} require("broken")`)).toContain(
      `error loading module 'broken' from file '${folder}/broken.lua':\n\t${folder}/broken.lua:1: unexpected symbol near '='`,
    );
  });

  it('that fail hand on their error', async () => {
    write('raises.lua', 'error("inside")');
    expect(await errorOf(`${path} require("raises")`)).toMatch(/raises\.lua:1: inside$/);
  });

  it('may require each other in a function', async () => {
    write('ping.lua', 'return {pong = function() return require("pong").name end, name = "ping"}');
    write('pong.lua', 'return {ping = function() return require("ping").name end, name = "pong"}');
    expect(await valuesOf(`${path} return require("ping").pong(), require("pong").ping()`)).toEqual(['pong', 'ping']);
  });

  it('that require themselves while they load fail with an error', async () => {
    write('self.lua', 'return require("self")');
    expect(await errorOf(`${path} require("self")`)).toMatch(/overflow|loop/);
  });

  it('work with dofile and loadfile', async () => {
    write('chunk.lua', '#!/usr/bin/lua\ngoroutine.sleep(1) return 3, ...');
    const file = `"${folder}/chunk.lua"`;
    expect(await valuesOf(`return dofile(${file}), loadfile(${file})(4)`)).toEqual([3, 3, 4]);
    expect(await valuesOf(`return loadfile("${folder}/none.lua")`)).toEqual([
      undefined,
      `cannot open ${folder}/none.lua: No such file or directory`,
    ]);
    expect((await runScript(`return loadfile("${folder}")`)).values[0]).toBeUndefined();
  });

  it('load on other islands, with the path of the one that spawned', async () => {
    write('there.lua', 'return {f = function(x) return x * 2 end}');
    expect(
      await valuesOf(
        `${path} require("there") return goroutine.parallel(function() return require("there").f(4) end):await()`,
      ),
    ).toEqual([true, 8]);
  });
});
