/** `explain` says where a goroutine would run, and for each that stays home which variable and line keep it there. */
import {expect, test} from 'vitest';
import {runLua} from './run-lua.js';

async function explain(setup: string, body: string): Promise<string[]> {
  const ran = await runLua(`${setup}\nlocal function f() ${body} end\nprint(goroutine.explain(f))\nreturn f`);
  expect(ran.kind).toBe('succeeded');
  return ran.out;
}

test('a goroutine that only reads tables, strings, functions and channels is parallel', async () => {
  const setup = `local config, name, ch = {size = 3, tags = {'a'}}, 'n', channel.make(1)
local function double(x) return 2 * x end`;
  expect(await explain(setup, 'ch:send({name, double(config.size), #config.tags})')).toEqual(['parallel']);
});

test('semaphores, latches and barriers leave it parallel', async () => {
  const setup = 'local s, l, b = goroutine.semaphore(1), goroutine.latch(1), goroutine.barrier(1)';
  expect(await explain(setup, 's:with(math.abs, 1) l:count_down() b:wait()')).toEqual(['parallel']);
});

test.each([
  ['an assigned local', 'local n = 0', 'n = n + 1', /'n' \(test:2\)/],
  ['a lock', 'local mu = goroutine.mutex()', 'mu:lock() mu:unlock()', /mutex 'mu'/],
  ['a lock to read', 'local rw = goroutine.rwmutex()', 'rw:rlock() rw:runlock()', /rwmutex 'rw'/],
  ['a once', 'local o = goroutine.once()', 'o:call(math.abs, 1)', /once 'o'/],
  ['a cond', 'local c = goroutine.cond()', 'c:signal()', /cond 'c'/],
  ['a coroutine', 'local co = coroutine.create(print)', 'return co', /'co'.*coroutine/],
  ['a file', 'local out = io.stdout', 'out:write("x")', /'out'/],
  ['a field that is stored and read', 'local t = {}', 't.x = (t.x or 0) + 1', /'t' \(test:2\)/],
  ['a new global', '', 'fresh = 1 return fresh', /'fresh'/],
  [
    'a large table',
    'local t = {rows = {}} for i = 1, 50000 do t.rows[i] = i end',
    'return t.rows[1]',
    /worth: 't.rows'/,
  ],
  ['a long string', 'local text = ("x"):rep(300000)', 'return #text', /worth: 'text'/],
])('%s keeps it home, and the reason names it', async (_name, setup, body, reason) => {
  const lines = await explain(setup, body);
  expect(lines[0]).toBe('shared');
  expect(lines.slice(1).join('\n')).toMatch(reason);
  for (const line of lines.slice(1)) expect(line).toMatch(/'[\w.]+'.*\(test:2\)$/);
});

test('a local that the rest of the program still assigns keeps it home', async () => {
  const ran = await runLua(`local ready = false
local function f() return ready end
print(goroutine.explain(f))
ready = true
print(f())`);
  expect(ran.out[0]).toBe('shared');
  expect(ran.out[1]).toMatch(/'ready'.*test:4/);
});

test('the answer is a table with parallel and reasons', async () => {
  const ran = await runLua(`local n = 0
local e = goroutine.explain(function() n = n + 1 end)
local r = e.reasons[1]
print(e.parallel, #e.reasons > 0, r.kind, r.name, r.file, r.line, type(r.message))`);
  expect(ran.out[0]).toBe('false\ttrue\tassigns\tn\ttest\t2\tstring');
});

test('goroutine.parallel raises with the same reason', async () => {
  const ran = await runLua(`local n = 0
print(pcall(goroutine.parallel, function() n = n + 1 end))`);
  expect(ran.out[0]).toMatch(/^false\t.*cannot run in parallel: .*'n' \(test:2\)/);
});

test('goroutine.parallel takes a lock along', async () => {
  const ran = await runLua(`local mu, done = goroutine.mutex(), channel.make()
goroutine.parallel(function() mu:lock() done:send('held') mu:unlock() end)
print((done:receive()))`);
  expect(ran.out).toEqual(['held']);
});

test('run --explain names each spawn site once', async () => {
  const ran = await runLua(
    `local n, ch = 0, channel.make(4)
for i = 1, 3 do
  go.spawn(function() ch:send(i) end)
  go.spawn(function() n = n + i end)
end
for _ = 1, 3 do ch:receive() end`,
    {explain: true},
  );
  expect(ran.err.split('\n').filter(Boolean)).toEqual([
    'explain: test:3: parallel',
    expect.stringMatching(/^explain: test:4: shared: .*'n' \(test:4\)/),
  ]);
});

test('what the library starts for the program, or does for it meanwhile, keeps nothing of the program home', async () => {
  const ran = await runLua(`local t, n = {1, 2, 3}, 0
local function sum() local s = 0 for i = 1, #t do s = s + t[i] end return s end
local input = channel.make()
local out = goroutine.pipeline(goroutine.fan_in(goroutine.fan_out(input, 2)), {function(v) n = n + v return v end})
print(goroutine.explain(sum))
goroutine.map(t, function() n = n + 1 print(goroutine.explain(sum)) end, {workers = 1})
local call = goroutine.debounce(print, 1)
print(goroutine.explain(sum))
print(goroutine.explain(function() return call end).parallel, goroutine.explain(function() call() end))`);
  expect(ran.out.slice(0, 5)).toEqual(Array(5).fill('parallel'));
  expect(ran.out[5]).toMatch(/^(?:true|false)\tshared/);
});

test('a goroutine that makes channels behind channels itself is parallel', async () => {
  const body = `local out = goroutine.pipeline(goroutine.merge({channel.make()}), {function(v) return v end})
    for _, ch in ipairs(goroutine.fan_out(out, 2)) do for v in ch:range() do print(v) end end
    return goroutine.map({1, 2}, function(v) return v end)[1]`;
  expect(await explain('', body)).toEqual(['parallel']);
});

test('a function that a pipeline calls at home is one that can still store', async () => {
  const setup = `local state = {}
goroutine.pipeline(channel.make(), {function(v) state.stop = true end})`;
  const lines = await explain(setup, 'while not state.stop do goroutine.yield() end');
  expect(lines[0]).toBe('shared');
  expect(lines[1]).toMatch(/state.stop/);
});
