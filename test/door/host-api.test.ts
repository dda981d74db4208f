import {afterAll, describe, expect, test} from 'vitest';
import {type LuaFunction, Runtime, type RuntimeOptions, SlothError, type UnhandledError} from '../../lib/index.js';

const opened: Runtime[] = [];
function make(options: RuntimeOptions = {}): Runtime {
  const runtime = new Runtime({workers: 2, ...options});
  opened.push(runtime);
  return runtime;
}
afterAll(() => Promise.all(opened.map((runtime) => runtime.close())));

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SlothError ? `${error.code}: ${error.message}` : String(error)),
  );

describe('load', () => {
  test('compiles once what is called many times, each call with its own arguments', async () => {
    const add = await make().load('local a, b = ... return a + b', {chunkName: '@add.lua'});
    const sums = await Promise.all(Array.from({length: 50}, (_, i) => add.call(i, 1)));
    expect(sums).toEqual(Array.from({length: 50}, (_, i) => [i + 1]));
  });

  test('calls that share globals take turns on one island', async () => {
    const count = await make().load('n = (n or 0) + 1 return n');
    const counts = await Promise.all(Array.from({length: 20}, () => count.call()));
    expect(counts.map(([n]) => Number(n)).sort((a, b) => a - b)).toEqual(Array.from({length: 20}, (_, i) => i + 1));
  });

  test('finds its globals and names its chunk', async () => {
    const fail = await make().load('error(word)', {chunkName: '@lib/fail.lua', globals: {word: 'oh'}});
    expect(await codeOf(fail.call())).toBe('E_LUA: lib/fail.lua:1: oh');
  });

  test('refuses what does not parse', async () => {
    expect(await codeOf(make().load('return +', {chunkName: '@x.lua'}))).toMatch(
      /^E_SYNTAX: x\.lua:1: unexpected symbol/,
    );
  });
});

describe('spawn', () => {
  test('starts functions and chunks and tells their status', async () => {
    const runtime = make();
    const add = await runtime.load('local a, b = ... return a + b');
    const run = runtime.spawn(add, 5, 6);
    expect(run.status).toBe('running');
    expect(await run.result).toEqual([11]);
    expect(run.status).toBe('succeeded');
    expect(await runtime.spawn('return ...', 1, 2).result).toEqual([1, 2]);
    const endless = runtime.spawn('while true do end');
    endless.cancel('enough');
    expect(await codeOf(endless.result)).toMatch(/^E_ABORTED/);
    expect(endless.status).toBe('cancelled');
  });

  test('refuses functions of other runtimes and released ones', async () => {
    const runtime = make();
    const [fn] = (await runtime.run('return print')) as [LuaFunction];
    expect(() => make().spawn(fn)).toThrow(/another runtime/);
    fn.release();
    expect(() => runtime.spawn(fn)).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
  });
});

describe('limits', () => {
  test.each([
    ['a table', 'local t = {} for i = 1, math.huge do t[i] = {i} end'],
    ['a string', 'local s = "x" while true do s = s .. s end'],
    ['one call', 'return ("x"):rep(1 << 28)'],
    ['a coroutine', 'coroutine.wrap(function() local t = {} for i = 1, math.huge do t[i] = {i} end end)()'],
  ])('memory: %s that grows ends with E_MEMORY and the runtime lives on', async (_, source) => {
    const runtime = make({memoryLimitBytes: 16 * 1024 * 1024});
    expect(await codeOf(runtime.run(source))).toMatch(/^E_MEMORY: not enough memory/);
    expect(await runtime.run('return ("x"):rep(1 << 20):len()')).toEqual([1 << 20]);
  });

  test('memory: a program may catch it and go on', async () => {
    const source = 'local ok, e = pcall(string.rep, "x", 1 << 28) collectgarbage() return ok, e, #("x"):rep(1 << 20)';
    expect(await make({memoryLimitBytes: 1 << 24}).run(source)).toEqual([false, 'not enough memory', 1 << 20]);
  });

  test('memory: each island has its own', async () => {
    const source = `local hs = {} for i = 1, 4 do hs[i] = goroutine.parallel(function() return #("x"):rep(7 << 20) end) end
      local n = 0 for i = 1, 4 do local ok, k = hs[i]:await() n = n + (ok and k or 0) end return n >> 20`;
    expect(await make({memoryLimitBytes: 16 << 20}).run(source)).toEqual([28]);
  });

  test('goroutines: one too many raises', async () => {
    const source = `local gate, started = channel.make(), 0
      local ok, e = pcall(function() for i = 1, 100 do goroutine.spawn(function() gate:receive() end) started = i end end)
      gate:close() return started, e`;
    const [started, message] = await make({maxGoroutines: 10}).run<[number, string]>(source);
    expect(started).toBe(9);
    expect(message).toMatch(/too many goroutines: the limit is 10$/);
  });

  test('time: the runtime has a limit for runs that name none', async () => {
    const runtime = make({timeoutMs: 100});
    expect(await codeOf(runtime.run('while true do end'))).toMatch(/^E_TIMEOUT/);
    expect(await runtime.run('goroutine.sleep(300) return 1', {timeoutMs: 60_000})).toEqual([1]);
    const endless = await runtime.load('while true do end');
    expect(await codeOf(endless.call())).toMatch(/^E_TIMEOUT/);
  });

  test.each([
    [{memoryLimitBytes: 0}, /memoryLimitBytes must be a positive integer, got 0/],
    [{maxGoroutines: 1.5}, /maxGoroutines must be a positive integer, got 1.5/],
    [{timeoutMs: -1}, /timeoutMs must be a number of milliseconds, got -1/],
    [{isolation: 'never' as 'auto'}, /isolation must be 'auto' or 'always', got never/],
  ])('refuses %j', (options, message) => {
    expect(() => new Runtime(options)).toThrow(message);
  });
});

describe('isolation', () => {
  test('raises where a goroutine would share, with variable and line', async () => {
    const runtime = make({isolation: 'always'});
    const source = 'local n = 0\ngoroutine.spawn(function()\n  n = n + 1\nend)';
    const message = await codeOf(runtime.run(source, {chunkName: '@counter.lua'}));
    expect(message).toMatch(/^E_LUA: counter\.lua:2: this function cannot run in parallel: .*'n'.*counter\.lua:3/s);
    expect(await runtime.run('return select(2, goroutine.async(function(a) return a * 2 end, 21):await())')).toEqual([
      42,
    ]);
    expect(
      await runtime.run(
        'local t = {1} return select(2, goroutine.shared(function() t[1] = 2 return t[1] end):await())',
      ),
    ).toEqual([2]);
  });
});

describe('modules and globals of the host', () => {
  test('require finds a module on every island, also across a promise', async () => {
    const runtime = make();
    runtime.defineModule('llm', {
      generate: async (prompt: string) => `answer to ${prompt}`,
      version: 3,
      nested: {deep: [1, 2]},
    });
    const source = `local llm = require("llm")
      assert(llm == require("llm") and select(2, require("llm")) == nil and llm.version == 3 and llm.nested.deep[2] == 2)
      local h = goroutine.parallel(function() return require("llm").generate("b") end)
      return llm.generate("a"), select(2, h:await())`;
    expect(await runtime.run(source)).toEqual(['answer to a', 'answer to b']);
  });

  test('a module may be replaced for islands that have not loaded it', async () => {
    const runtime = make();
    runtime.defineModule('m', {v: 1});
    const first = await runtime.load('return require("m").v');
    expect(await first.call()).toEqual([1]);
    runtime.defineModule('m', {v: 2});
    expect(await runtime.run('return require("m").v')).toEqual([2]);
  });

  test('a missing module lists where it was looked for', async () => {
    const message = await codeOf(make().run('require("no_such")'));
    expect(message).toMatch(/module 'no_such' not found:.*no field package\.preload\['no_such'\]/s);
  });

  test('setGlobal gives and takes', async () => {
    const runtime = make();
    runtime.setGlobal('config', {debug: true});
    runtime.setGlobal('now', () => 5);
    expect(await runtime.run('return config.debug, now()')).toEqual([true, 5]);
    expect(await runtime.run('return config', {globals: {config: 7}})).toEqual([7]);
    runtime.setGlobal('config', undefined);
    expect(await runtime.run('return config, now()')).toEqual([undefined, 5]);
  });

  test('refuses what cannot cross, and names that are none', async () => {
    const runtime = make();
    expect(() => runtime.defineModule('m', {bad: Symbol('x') as never})).toThrow(/m\.bad: a symbol cannot cross/);
    expect(() => runtime.defineModule('', {})).toThrow(/needs a name/);
    expect(() => runtime.setGlobal('g', Symbol('x') as never)).toThrow(/globals\.g: a symbol cannot cross/);
    await runtime.close();
    expect(() => runtime.defineModule('m', {})).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
    expect(() => runtime.setGlobal('g', 1)).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
  });
});

describe('onUnhandledError', () => {
  test('is told instead of stderr', async () => {
    const errors: UnhandledError[] = [];
    let printed = '';
    const runtime = make({onUnhandledError: (error) => errors.push(error), stderr: (text) => (printed += text)});
    const run = runtime.start('goroutine.spawn(function() error("oh") end)', {chunkName: '@a.lua'});
    expect((await run.report).uncaught).toBe(1);
    expect(errors).toEqual([
      {
        runId: run.id,
        goroutineId: expect.any(Number),
        message: 'a.lua:1: oh',
        luaTraceback: expect.stringContaining('stack traceback:'),
        spawnSite: 'a.lua:1',
      },
    ]);
    expect(printed).toBe('');
  });
});
