import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, describe, expect, test} from 'vitest';
import type {HostCall} from '../../lib/host-function.js';
import {LuaFunction} from '../../lib/lua-function.js';
import {results} from '../../lib/results.js';
import {Runtime} from '../../lib/runtime.js';
import type {Sendable} from '../../lib/sendable.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

describe('a value', () => {
  test.each([
    ['nil', undefined, 'nil'],
    ['a boolean', true, 'boolean'],
    ['an integer', 42, 'integer'],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER, 'integer'],
    ['a float', 1.5, 'float'],
    ['infinity', Number.POSITIVE_INFINITY, 'float'],
    ['a bigint', 2n ** 62n, 'integer'],
    ['text', 'olá \u{1f680}\0', 'string'],
    ['an empty string', '', 'string'],
    ['an array', [1, [2, 'x'], {y: true}], 'table'],
    ['an object', {a: {b: [1]}, 'odd key': 0}, 'table'],
    ['an empty object', {}, 'table'],
  ])('goes to Lua and comes back: %s', async (_, value, type) => {
    const [back, found] = await runtime.run('local v = ... return v, math.type(v) or type(v)', {
      args: [value as Sendable],
    });
    expect(back).toEqual(value);
    expect(found).toBe(type);
  });

  test('of Lua whose keys are neither 1..n nor texts becomes a map', async () => {
    const maps = [new Map<unknown, unknown>(Object.entries({n: 3})).set(1, 1).set(2, 2), new Map([[2, 'b']])];
    expect(await runtime.run('return {1, 2, n = 3}, {[2] = "b"}')).toEqual(maps);
  });

  test('under the key __proto__ changes no prototype', async () => {
    const [table] = await runtime.run('return {["__proto__"] = {polluted = true}}');
    expect(Object.keys(table as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a run', () => {
  test.each([
    ['error("boom")', 'E_LUA', 'chunk:1: boom'],
    ['return )', 'E_SYNTAX', "chunk:1: unexpected symbol near ')'"],
    ['os.exit(3)', 'E_EXIT', 'os.exit(3)'],
    ['channel.make():receive()', 'E_DEADLOCK', 'deadlock'],
    ['go.spawn(function() error("lost") end)', 'E_UNCAUGHT', '1 goroutine failed'],
  ])('of %s rejects with %s', async (source, code, message) => {
    const quiet = new Runtime({workers: 1, stderr: () => {}});
    await expect(quiet.run(source)).rejects.toMatchObject({code, message: expect.stringContaining(message)});
    await quiet.close();
  });

  test('that takes too long rejects with E_TIMEOUT', async () => {
    await expect(runtime.run('while true do end', {timeoutMs: 50})).rejects.toMatchObject({code: 'E_TIMEOUT'});
  });

  test('is cancelled through its signal, wherever it is', async () => {
    const controller = new AbortController();
    const running = runtime.run('pcall(channel.sleep, 60)', {signal: controller.signal});
    controller.abort(new Error('enough'));
    await expect(running).rejects.toMatchObject({
      code: 'E_ABORTED',
      cause: expect.objectContaining({message: 'enough'}),
    });
  });

  test('is ended as closed by its runtime', async () => {
    const own = new Runtime({workers: 1});
    const running = own.run('channel.sleep(60)').catch((error: unknown) => error);
    await own.close();
    expect(await running).toMatchObject({code: 'E_CLOSED'});
  });

  test('starts with its preludes', async () => {
    const preludes = [
      {chunkName: '=first', source: 'greeting = ...', args: ['olá']},
      {chunkName: '=second', source: 'function greet(name) return greeting .. " " .. name end'},
    ];
    expect(await runtime.run('return greet("mundo")', {preludes})).toEqual(['olá mundo']);
  });

  test('prints to where its runtime says', async () => {
    const pieces: unknown[] = [];
    const own = new Runtime({workers: 1, stdout: (text) => pieces.push(text)});
    await own.run('print("a", 1) io.write("b") io.stdout:write("\\xff")');
    await own.close();
    expect(pieces.slice(0, 2)).toEqual(['a\t1\n', 'b']);
    expect([...(pieces[2] as Uint8Array)]).toEqual([0xff]);
  });
});

describe('a host function', () => {
  test('is called with what Lua gives, and only its caller waits', async () => {
    const pause = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms));
    const source = `
local first = goroutine.async(pause, 100)
local second = pause(20)
local _, late = goroutine.await(first)
return second, late`;
    expect(await runtime.run(source, {globals: {pause}})).toEqual([20, 100]);
  });

  test('inside a table is called as a module of the host', async () => {
    const llm = {generate: async ({prompt}: {prompt: string}) => ({text: prompt.toUpperCase()})};
    expect(await runtime.run('return llm.generate({prompt = "hi"}).text', {globals: {llm}})).toEqual(['HI']);
  });

  test('that fails raises in Lua, where pcall catches it', async () => {
    const fails = () => Promise.reject(new Error('no disk'));
    const source = 'local ok, problem = pcall(fails) return ok, tostring(problem), problem.message';
    const answer = await runtime.run(source, {globals: {fails: fails as () => never}});
    expect(answer).toEqual([false, 'no disk', 'no disk']);
  });

  test('may answer with several values', async () => {
    const two = () => results(undefined, 'reason');
    expect(await runtime.run('return select("#", two()), two()', {globals: {two}})).toEqual([2, undefined, 'reason']);
  });

  test('sees its signal abort when the goroutine that called it is cancelled', async () => {
    let aborted = false;
    function wait(this: HostCall): Promise<never> {
      return new Promise((_, reject) => {
        this.signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      });
    }
    await expect(runtime.run('wait()', {globals: {wait}, timeoutMs: 50})).rejects.toMatchObject({code: 'E_TIMEOUT'});
    expect(aborted).toBe(true);
  });

  test('works in a goroutine that runs in parallel', async () => {
    const seen: unknown[] = [];
    const note = (value: Sendable) => void seen.push(value);
    await runtime.run('for i = 1, 3 do go.spawn(function(n) note(n) end, i) end', {globals: {note}});
    expect(seen.sort()).toEqual([1, 2, 3]);
  });

  test('comes back from Lua as itself', async () => {
    const fn = () => 1;
    expect(await runtime.run('return f', {globals: {f: fn}})).toEqual([fn]);
  });
});

describe('a Lua function', () => {
  async function functionOf(source: string): Promise<LuaFunction> {
    const [fn] = await runtime.run(source);
    if (!(fn instanceof LuaFunction)) throw new Error('no function came');
    return fn;
  }

  test('can be called, again and again, and keeps what it captured', async () => {
    const next = await functionOf('local n = 0 return function(by) n = n + by return n end');
    expect(await next.call(1)).toEqual([1]);
    expect(await next.call(2)).toEqual([3]);
    next.release();
    await expect(next.call(1)).rejects.toMatchObject({code: 'E_CLOSED'});
  });

  test('is a run of its own, with its own errors and limits', async () => {
    const fails = await functionOf('return function() error("inside") end');
    await expect(fails.call()).rejects.toMatchObject({code: 'E_LUA', message: 'chunk:1: inside'});
    const loops = await functionOf('return function() while true do end end');
    await expect(loops.start({timeoutMs: 50}).result).rejects.toMatchObject({code: 'E_TIMEOUT'});
  });

  test('may be given to a host function, and sent back', async () => {
    const apply = async (fn: LuaFunction, value: Sendable) => results(...(await fn.call(value)), fn);
    const source = 'local double = function(n) return 2 * n end local v, back = apply(double, 21) return v, back(4)';
    expect(await runtime.run(source, {globals: {apply}})).toEqual([42, 8]);
  });
});

describe('a process', () => {
  test('with an idle runtime ends by itself, but not before a live run does', async () => {
    const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
    const program = `
import {Runtime} from ${JSON.stringify(library)};
const runtime = new Runtime({workers: 1});
console.log(await runtime.run('channel.sleep(0.05) return "done"'));`;
    const {stdout} = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 20_000,
    });
    expect(stdout).toBe("[ 'done' ]\n");
  });
});
