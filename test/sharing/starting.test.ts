/** Whatever starts a goroutine inside another one, the analysis follows the function and its arguments there. */
import {expect, test} from 'vitest';
import {runLua} from './run-lua.js';

/** How to start `f` with an argument and how to get what it returned; `g` is a group, `wg` a wait group, 'p' a pool. */
const ways: readonly (readonly [name: string, start: string, result: string])[] = [
  ['go', 'local h = go(f, a)', 'h:await()'],
  ['go.spawn', 'local h = go.spawn(f, a)', 'h:await()'],
  ['goroutine.spawn', 'local h = goroutine.spawn(f, a)', 'h:await()'],
  ['goroutine.async', 'local h = goroutine.async(f, a)', 'h:await()'],
  ['goroutine.create', 'local h = goroutine.create(f, a)', 'h:await()'],
  ['go.spawn with a context', 'local h = go.spawn(goroutine.context(), f, a)', 'h:await()'],
  ['goroutine.timeout', 'local ok, x = goroutine.timeout(60000, f, a)', 'ok, x'],
  ['goroutine.timeout with a context', 'local ok, x = goroutine.timeout(goroutine.context(), f, a)', 'ok, x'],
  ['wg:go', 'local h = goroutine.wait_group():go(f, a)', 'h:await()'],
  ['errgroup:go', 'local h = goroutine.errgroup():go(f, a)', 'h:await()'],
  ['errgroup:try_go', 'local h = goroutine.errgroup():try_go(f, a)', 'h:await()'],
  ['a pool', 'local id = goroutine.pool_submit("p", f, a)', 'goroutine.pool_result("p", id)'],
];
const protectedly = ['pcall', 'local ok, h = pcall(go.spawn, f, a)', 'h:await()'] as const;
// A goroutine that must be parallel cannot start one that must be so, too, and may not.
const insisting = ['goroutine.parallel', 'local h = goroutine.parallel(f, a)', 'h:await()'] as const;

async function placement(program: string): Promise<string> {
  const ran = await runLua(program);
  expect(ran).toMatchObject({kind: 'succeeded', message: ''});
  return ran.out[0] ?? '';
}

test.each([...ways, insisting, protectedly])(
  'a goroutine that serves received requests is parallel: %s',
  async (_name, start) => {
    const program = `goroutine.pool_create("p")
    local jobs, out = channel.make(), channel.make()
    local function f(job) job.done = true local r = {} for i = 1, job.n do r[i] = i * job.k end return r end
    print(goroutine.explain(function() for a in jobs:range() do ${start} end end))`;
    expect(await placement(program)).toBe('parallel');
  },
);

test.each([...ways, insisting])(
  'a function may fill a table that was made for it alone: %s',
  async (_name, start, result) => {
    const program = `goroutine.pool_create("p")
    local function f(list) list[#list + 1] = 3 return #list end
    ${start.replace(/\ba\)/, '{1, 2})')}
    local n = select(2, ${result})
    print(n, goroutine.stats().parallel)`;
    expect(await placement(program)).toBe('3\t1');
  },
);

test.each([...ways, protectedly])(
  'what the function returns is read when it ends: %s',
  async (_name, start, result) => {
    const program = `goroutine.pool_create("p")
    local t, go_on, out = {1}, channel.make(), channel.make()
    local function f(go_on) go_on:receive() return t end
    go.spawn(function(a) ${start} out:send(#select(2, ${result})) end, go_on)
    local function later() goroutine.sleep(5) t[2] = 2 go_on:send(true) end
    later()
    print((out:receive()))`;
    expect(await placement(program)).toBe('2');
  },
);

test('goroutines that get one table together share it', async () => {
  const program = `local function f(id, list) list[#list + 1] = id goroutine.sleep(1) return #list end
    local sizes = {}
    for i, r in ipairs(goroutine.await_all(goroutine.spawn_many(3, f, {}))) do sizes[i] = r.value end
    print(table.concat(sizes, ' '))`;
  expect(await placement(program)).toBe('3 3 3');
});

test('functions of a list that one of them changes something for stay together', async () => {
  const program = `local t, changed = {1}, channel.make()
    local r = goroutine.parallel{
      function() changed:receive() return #t end,
      function() t[2] = 2 changed:send(true) end,
    }
    print(r[1].value)`;
  expect(await placement(program)).toBe('2');
});

test('a function that JavaScript calls starts goroutines in parallel with what it was given', async () => {
  const {Runtime} = await import('../../lib/index.js');
  const runtime = new Runtime({workers: 2});
  try {
    const [serve] = await runtime.run(`return function(request)
      request.started = true
      local _, sum = go.spawn(function(r) return r.started and r.a + r.b end, request):await()
      return sum, goroutine.stats().parallel
    end`);
    const {LuaFunction} = await import('../../lib/index.js');
    if (!(serve instanceof LuaFunction)) throw new Error('not a function');
    expect(await serve.call({a: 1, b: 2})).toEqual([3, 1]);
  } finally {
    await runtime.close();
  }
});
