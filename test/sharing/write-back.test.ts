/** A goroutine that only stores into a table of its parent runs in parallel, and its stores are there when one could look. */
import {expect, test} from 'vitest';
import {Runtime} from '../../lib/index.js';
import {runLua} from './run-lua.js';

const placed = (err: string): string[] => err.split('\n').filter((line) => line.startsWith('explain: '));

/** Programs whose goroutines, started in line 3, only store; all run in parallel and print what a shared island would show. */
const parallel: [what: string, source: string, output: string[]][] = [
  [
    'results by number, behind a wait group',
    `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
     local results, wg = {}, goroutine.wait_group()
     for i = 1, 8 do wg:go(function() results[i] = fib(10 + i) end) end
     wg:wait()
     print(table.concat(results, ' '))`,
    ['89 144 233 377 610 987 1597 2584'],
  ],
  [
    'results by name, awaited',
    `local out = {}
     local function square(name, n) out[name] = n * n end
     local handles = {goroutine.async(square, 'a', 2), goroutine.async(square, 'b', 3)}
     goroutine.await_all(handles)
     print(out.a, out.b)`,
    ['4\t9'],
  ],
  [
    'tables made for it, with what is in them',
    `local out, done = {}, channel.make()
     local function describe(n) local parts = {} for i = 1, n do parts[i] = {i = i, text = ('n%d'):format(i)} end return parts end
     go.spawn(function() out.list = describe(3) out.pair = {a = {i = 1}, b = 2} done:send(true) end)
     done:receive()
     print(#out.list, out.list[3].text, out.pair.a.i)`,
    ['3\tn3\t1'],
  ],
  [
    'what was received, by a key that was received',
    `local out, jobs, wg = {}, channel.make(), goroutine.wait_group()
     local worker = function() for job in jobs:range() do out[job.id] = {n = job.n + 1} end end
     for _ = 1, 3 do wg:go(worker) end
     for i = 1, 9 do jobs:send({id = 'j' .. i, n = i}) end
     jobs:close() wg:wait()
     print(out.j1.n, out.j9.n)`,
    ['2\t10'],
  ],
  [
    'false, nil, floats and integers that are equal, and handles',
    `local out, mine, done = {1, 2, 3, x = 4}, channel.make(1), channel.make()
     mine:send('there')
     go.spawn(function() out[1] = nil out[2.0] = false out.x = nil out.ch = mine out[-0.0] = 'zero' done:send(1) end)
     done:receive()
     print(out[1], out[2], out[3], out.x, out[0], (out.ch:receive()), out.ch == mine)`,
    ['nil\tfalse\t3\tnil\tzero\tthere\ttrue'],
  ],
  [
    'a function that needs nothing of where it was made',
    `local out, wg = {}, goroutine.wait_group()
     local make = function() out.double = function(x) return 2 * x end end
     wg:go(make)
     wg:wait()
     print(out.double(21))`,
    ['42'],
  ],
  [
    'what it stored before an error',
    `local out = {}
     local before = function() out.step = 'one' error('stopped') end
     local h = goroutine.async(before)
     local _, message = h:await()
     print(message:match('^[^\\n]*'), out.step)`,
    ['test:2: stopped\tone'],
  ],
  [
    'what it stored before it was cancelled',
    `local out, started = {}, channel.make()
     local work = function() out.begun = true started:send(1) goroutine.sleep(1e6) out.never = true end
     local h = goroutine.async(work)
     started:receive() h:cancel() h:await()
     print(out.begun, out.never)`,
    ['true\tnil'],
  ],
  [
    'what it stored before its time was over',
    `local out = {}
     local work = function() out.begun = true goroutine.sleep(1e6) end
     print(goroutine.timeout(30, work))
     print(out.begun)`,
    ['false\ttimeout exceeded', 'true'],
  ],
  [
    'a global table',
    `results = {}
     local wg = goroutine.wait_group()
     for i = 1, 3 do wg:go(function() results[i] = i * 10 end) end
     wg:wait()
     print(table.concat(results, ' '))`,
    ['10 20 30'],
  ],
  [
    'a table that holds what cannot be copied',
    `local out, done = {co = coroutine.create(print), file = io.stdout}, channel.make()
     local work = function() out.n = 1 done:send(1) end
     go.spawn(work)
     done:receive()
     print(out.n, type(out.co))`,
    ['1\tthread'],
  ],
];

test.each(parallel)('%s', async (_what, source, output) => {
  const ran = await runLua(source, {explain: true});
  expect(ran.out).toEqual(output);
  expect(placed(ran.err)).not.toEqual([]);
  for (const line of placed(ran.err)) expect(line).toMatch(/: parallel$/);
});

const home: [what: string, setup: string, body: string][] = [
  ['what it has deferred stores, after its last word to others', 'local t = {}', 'defer(function() t.x = 1 end)'],
  ['it reads the table', 'local t = {}', 't[1] = 1 return t[1]'],
  ['it takes its length', 'local t = {}', 't[#t + 1] = 1'],
  ['it inserts with table.insert', 'local t = {}', 'table.insert(t, 1)'],
  ['it looks whether there is something', 'local t = {}', 'if not t.x then t.x = 1 end'],
  ['it goes through it', 'local t = {}', 't.x = 1 for _ in pairs(t) do end'],
  ['it sends it', 'local t, ch = {}, channel.make(1)', 't.x = 1 ch:send(t)'],
  ['it returns it', 'local t = {}', 't.x = 1 return t'],
  ['the table has a metatable', 'local t = setmetatable({}, {__newindex = rawset})', 't.x = 1'],
  ['it looks at its metatable', 'local t = {}', 't.x = 1 return getmetatable(t)'],
  ['it gives it a metatable', 'local t = {}', 't.x = 1 setmetatable(t, {})'],
  ['it stores a captured table', 'local t, u = {}, {}', 't.x = u'],
  ['it stores the table itself', 'local t = {}', 't.t = t'],
  ['it changes what it has stored', 'local t = {}', 'local r = {} t.x = r r.n = 1'],
  ['it reads what it has stored', 'local t = {}', 'local r = {n = 1} t.x = r return r.n'],
  ['it stores the same table twice', 'local t = {}', 'local r = {} t.x = r t.y = r'],
  [
    'it stores what is in a table it keeps',
    'local t = {}',
    'local all = {} local r = {} all[1] = r t.x = r return #all',
  ],
  ['it stores one table in each round', 'local t = {}', 'local r = {} for i = 1, 2 do t[i] = r end'],
  [
    'it links what it stores',
    'local t = {}',
    'local last for i = 1, 2 do local r = {prev = last} t[i] = r last = r end',
  ],
  [
    'a function it calls keeps what it stores',
    'local t = {}',
    'local kept local function keep(r) kept = r return r end t.x = keep({}) kept.n = 1',
  ],
  [
    'a function with what it is given stores',
    'local t = {}',
    'local function put(r) t.x = r end local r = {} put(r) r.n = 1',
  ],
  [
    'a coroutine goes on with what is stored',
    'local t = {}',
    'local co = coroutine.wrap(function() local r = {} coroutine.yield(r) r.n = 1 end) t.x = co() co()',
  ],
  ['it stores a function that counts', 'local t = {}', 'local n = 0 t.x = function() n = n + 1 return n end'],
  ['it stores a function of its parent', 'local t, n = {}, {} local function f() return n end', 't.x = f'],
  ['it stores an object of a class', 'local t, Class = {}, {} Class.__index = Class', 't.x = setmetatable({}, Class)'],
  ['it stores what it has deferred a call with', 'local t = {}', 'local r = {} defer(function() r.n = 1 end) t.x = r'],
  [
    'a goroutine it starts goes on with what it stores',
    'local t = {}',
    'local r = {} go.spawn(function(x) x.n = 1 end, r) t.x = r',
  ],
  ['it stores a coroutine', 'local t = {}', 't.x = coroutine.create(print)'],
  ['it stores an open file', 'local t = {}', 't.x = io.tmpfile()'],
  ['the table is that of loaded modules', '', 'package.loaded.mine = {}'],
  ['the table is one of a library', '', 'package.preload.mine = print'],
  ['a finalizer of its own stores', 'local t = {}', 'setmetatable({}, {__gc = function() t.x = 1 end})'],
  ['it stores through a table of its own', 'local t = {}', 'local own = setmetatable({}, {__newindex = t}) own.x = 1'],
];

test.each(home)('it stays home when %s', async (_what, setup, body) => {
  const ran = await runLua(`${setup}\nlocal function f() ${body} end\nprint(goroutine.explain(f).parallel)`);
  expect(ran).toMatchObject({out: ['false'], kind: 'succeeded'});
});

test('who reads the table stays home as long as somebody may store into it', async () => {
  const ran = await runLua(`local t, go_on, wg = {}, channel.make(), goroutine.wait_group()
local function read() return t.x end
local function store() go_on:receive() t.x = 1 end
local function explained() return goroutine.explain(read).parallel end
wg:go(store)
print(explained())
local h = goroutine.async(function() goroutine.sleep(20) return t.x end)
go_on:send(1) wg:wait()
print(t.x, (select(2, h:await())))`);
  expect(ran.out).toEqual(['false', '1\t1']);
});

test('stores show in one piece: none of two without the other', async () => {
  const ran = await runLua(`local t, stop, wg = {a = 0, b = 0}, channel.make(), goroutine.wait_group()
wg:go(function()
  for i = 1, 2000 do t.a = i t.b = i if i % 50 == 0 then goroutine.yield() end end
  stop:close()
end)
local torn, seen = 0, 0
while not stop:is_closed() do
  if t.a ~= t.b then torn = torn + 1 end
  seen = seen + 1
  goroutine.yield()
end
wg:wait()
print(torn, seen > 0, t.a, t.b)`);
  expect(ran.out).toEqual(['0\ttrue\t2000\t2000']);
});

test.each([
  ['try_receive', 'local v repeat v = ch:try_receive() until v'],
  ['len', 'repeat until ch:len() == 1'],
  ['the length operator', 'repeat until #ch == 1'],
  ['select with a default', "local v repeat channel.select({{'|<-', ch, function(x) v = x end}, {'default'}}) until v"],
  ['an atomic', 'repeat until n:load() == 1'],
  ['the status of a handle', "repeat until h:status() == 'done'"],
  ['a context', 'repeat until ctx:is_cancelled()'],
  ['an error', 'repeat until not pcall(closed.try_send, closed, 1)'],
])('what was stored shows once %s tells of it, without a wait', async (_what, look) => {
  const ran = await runLua(`local t, ch, n, closed = {}, channel.make(1), goroutine.atomic_int(0), channel.make(1)
local ctx, cancel = goroutine.context():with_cancel()
local store = function() t.x = 'stored' ch:send(1) n:store(1) cancel() closed:close() end
local h = go.spawn(store)
print(goroutine.explain(store).parallel)
${look}
print(t.x)`);
  expect(ran.out).toEqual(['true', 'stored']);
});

// What is called sees what was stored before, not only who called. The pause makes it likely that nothing has to wait.
test.each([
  [
    'a handler of select',
    "local got repeat channel.select({{'|<-', ch, function() got, seen = true, t.x end}, {'default'}}) until got",
  ],
  ['the function of range', 'pause() ch:range(function() seen = t.x end)'],
])('what was stored is seen by %s', async (_what, look) => {
  const ran = await runLua(`local t, ch, seen = {}, channel.make(1), nil
local store = function() t.x = 'stored' ch:send(1) ch:close() end
go.spawn(store)
print(goroutine.explain(store).parallel)
-- Without a call that looks at others.
local function pause() local stop = os.clock() + 0.1 while os.clock() < stop do end end
${look}
print(seen)`);
  expect(ran.out).toEqual(['true', 'stored']);
});

test('a call that blocks where Lua cannot yield shows what was stored', async () => {
  const ran = await runLua(`local t, ch = {}, channel.make()
go.spawn(function() t.x = 'stored' ch:send(1) end)
local seen
table.sort({2, 1}, function(a, b) if not seen then ch:receive() seen = t.x end return a < b end)
print(seen)`);
  expect(ran.out).toEqual(['stored']);
});

test('a goroutine of a goroutine stores into the same table', async () => {
  const ran = await runLua(
    `local t, wg = {}, goroutine.wait_group()
wg:go(function()
  t.a, t.last = 1, 'parent'
  wg:go(function() t.b, t.last = 2, 'child' end)
end)
wg:wait()
print(t.a, t.b, t.last)`,
    {explain: true},
  );
  expect(ran.out).toEqual(['1\t2\tchild']);
  expect(placed(ran.err)).toEqual(['explain: test:2: parallel', 'explain: test:4: parallel']);
});

test.each([
  ['nil', 't[nil] = 1', 'test:2: table index is nil'],
  ['NaN', 't[0/0] = 1', 'test:2: table index is NaN'],
])('%s as a key raises where the store stands', async (_what, store, message) => {
  const ran = await runLua(`local t = {}
local bad = function() ${store} end
print(goroutine.explain(bad).parallel)
print(goroutine.async(bad):await())
print(next(t))`);
  expect(ran.out.slice(0, 2)).toEqual(['true', `false\t${message}`]);
  expect(ran.out.at(-1)).toBe('nil');
});

test('goroutine.parallel takes a table along that is only stored into', async () => {
  const ran = await runLua(`local t = {}
print(goroutine.parallel(function() t.x = 1 end):await())
print(t.x)`);
  expect(ran.out).toEqual(['true', '1']);
});

test('who stores may outlive everybody on the island of the table', async () => {
  const ran = await runLua(`local done = channel.make()
goroutine.parallel(function()
  local t = {}
  goroutine.parallel(function() for i = 1, 2000 do t[i] = {i} if i % 100 == 0 then goroutine.sleep(1) end end done:send('alive') end)
end)
print((done:receive()))`);
  expect(ran).toMatchObject({out: ['alive'], kind: 'succeeded'});
});

test('an island at rest takes in what others store, however long it waits', async () => {
  const ran = await runLua(`local t, done = {}, channel.make()
go.spawn(function() for i = 1, 50000 do t.n = i if i % 10 == 0 then goroutine.yield() end end done:send(1) end)
done:receive()
print(t.n)`);
  expect(ran.out).toEqual(['50000']);
});

test('stores on their way count against the memory limit, and the one too many raises where it stands', async () => {
  let out = '';
  const runtime = new Runtime({
    memoryLimitBytes: 4_000_000,
    stdout: (text) => {
      out += String(text);
    },
  });
  const report = await runtime.start(
    `local t = {}
local store = function() for i = 1, 1e7 do t.x = i end end
print(goroutine.explain(store).parallel)
print(goroutine.async(store):await())
print(math.type(t.x), t.x < 1e7)`,
    {chunkName: '=test'},
  ).report;
  await runtime.close();
  expect(report.kind).toBe('succeeded');
  expect(out.split('\n')[0]).toBe('true');
  expect(out).toMatch(/^false\t.*not enough memory/m);
  expect(out.trimEnd().split('\n').at(-1)).toBe('integer\ttrue');
});

test('--check-captures finds no drift in tables that are only filled', async () => {
  const ran = await runLua(
    `local t, wg = {was = 'here'}, goroutine.wait_group()
wg:go(function() t.x = 1 end)
wg:wait()
goroutine.sleep(5)
print(t.x, t.was)`,
    {checkCaptures: true},
  );
  expect(ran).toMatchObject({out: ['1\there'], err: ''});
});
