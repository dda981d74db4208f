import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {afterAll, describe, expect, test} from 'vitest';
import {LuaError, type LuaFunction, Runtime, type Sendable} from '../../lib/index.js';

const runtime = new Runtime({workers: 2, stderr: () => {}});
afterAll(() => runtime.close());

async function failureOf(source: string, thrown?: () => unknown): Promise<LuaError> {
  const fail = () => {
    throw thrown?.();
  };
  const error: unknown = await runtime.run(source, {globals: {fail}}).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LuaError);
  return error as LuaError;
}

class Refused extends Error {
  override readonly name = 'Refused';
  readonly code = 'E_REFUSED';
}
const root = new Error('root');
const error = new Refused('no disk', {cause: root});

describe('what a host function throws', () => {
  test.each([
    ['uncaught', 'fail()'],
    ['rethrown', 'local ok, problem = pcall(fail) error(problem)'],
    ['rethrown with a level', 'local ok, problem = pcall(fail) error(problem, 2)'],
    ['by assert', 'assert(pcall(fail))'],
    ['through xpcall', 'local ok, problem = xpcall(fail, function(e) return e end) error(problem)'],
    ['through debug.traceback', 'local ok, problem = xpcall(fail, debug.traceback) error(problem)'],
    ['through a coroutine', 'local ok, problem = coroutine.resume(coroutine.create(fail)) error(problem)'],
    ['through coroutine.wrap', 'coroutine.wrap(fail)()'],
    ['through an iterator', 'for _ in fail do end'],
    ['through a goroutine', 'local ok, problem = goroutine.await(goroutine.async(fail)) error(problem)'],
    ['through a goroutine at home', 'local ok, problem = goroutine.shared(fail):await() error(problem)'],
    [
      'through a goroutine on another island',
      'local _, problem = goroutine.await(goroutine.parallel(function() fail() end)) error(problem)',
    ],
    ['through a channel', 'local c = channel.make(1) c:send({select(2, pcall(fail))}) error(c:receive()[1])'],
    ['through a timeout', 'local _, problem = goroutine.timeout(60000, fail) error(problem)'],
    ['out of a <close> handler', 'local x <close> = setmetatable({}, {__close = function() fail() end})'],
  ])('is the cause of what run rejects with: %s', async (_, source) => {
    const {message, cause, luaTraceback} = await failureOf(source, () => error);
    expect(message).toBe('no disk');
    expect(cause).toBe(error);
    expect(luaTraceback).toContain('stack traceback');
  });

  test('may be a rejection', async () => {
    const fail = () => Promise.reject(error);
    await expect(runtime.run('fail()', {globals: {fail: fail as () => never}})).rejects.toMatchObject({cause: error});
  });

  test('has its fields in Lua, and its message for text', async () => {
    const source = `
local ok, e = pcall(fail)
return ok, type(e), tostring(e), "so: " .. e, e.message, e.name, e.code, e.stack:match("^Refused: no disk") ~= nil,
    e.cause.message, e.nothing, e == select(2, pcall(fail)), select(2, pcall(function() e.x = 1 end)) ~= nil`;
    const fail = () => {
      throw error;
    };
    expect(await runtime.run(source, {globals: {fail}})).toEqual([
      false,
      'userdata',
      'no disk',
      'so: no disk',
      'no disk',
      'Refused',
      'E_REFUSED',
      true,
      'root',
      undefined,
      true,
      true,
    ]);
  });

  test.each<[what: string, thrown: unknown, message: string]>([
    ['null', null, 'the host function threw null'],
    ['undefined', undefined, 'the host function threw undefined'],
    ['a string', 'text', 'text'],
    ['a number', 42, 'the host function threw 42'],
    ['a bigint', 5n, 'the host function threw 5'],
    ['a symbol', Symbol.for('s'), 'the host function threw Symbol(s)'],
    ['an object', {code: 1}, 'the host function threw [object Object]'],
    ['a function', error.toString, 'the host function threw function toString() { [native code] }'],
    [
      'an object that cannot be described',
      Object.create(null),
      'the host function threw something that cannot be described',
    ],
    ['an aggregate', new AggregateError([error], 'many'), 'many'],
  ])('is the cause, whatever it is: %s', async (_, thrown, message) => {
    const failure = await failureOf('fail()', () => thrown);
    expect(failure.message).toBe(message);
    expect('cause' in failure).toBe(true);
    expect(failure.cause).toBe(thrown);
  });

  test('may contain itself, and be of any depth', async () => {
    const cyclic: Error & {cause?: unknown} = new Error('cyclic');
    cyclic.cause = {of: cyclic};
    expect((await failureOf('fail()', () => cyclic)).cause).toBe(cyclic);
    let deep = new Error('bottom');
    for (let i = 0; i < 5000; i += 1) deep = new Error(`level ${i}`, {cause: deep});
    expect((await failureOf('fail()', () => deep)).cause).toBe(deep);
  });

  test('may lie about itself', async () => {
    const liar = new Proxy(new Error('liar'), {
      get: () => {
        throw new Error('no');
      },
    });
    expect((await failureOf('fail()', () => liar)).cause).toBe(liar);
  });

  test('may come from Lua in turn', async () => {
    const [inner] = (await runtime.run('return function() error({code = 7}) end')) as [LuaFunction];
    const fail = () => inner.call();
    const failure = await runtime.run('fail()', {globals: {fail}}).catch((caught: unknown) => caught);
    expect(failure).toMatchObject({name: 'LuaError', cause: {name: 'LuaError', cause: {code: 7}}});
  });
});

describe('an Error that is sent', () => {
  test('is itself again when it comes back', async () => {
    const list = [error, {again: error}];
    const [back] = (await runtime.run('return ...', {args: [list]})) as [[unknown, {again: unknown}]];
    expect(back[0]).toBe(error);
    expect(back[1].again).toBe(error);
  });

  test('can be raised', async () => {
    const failure = await runtime.run('error(...)', {args: [error]}).catch((caught: unknown) => caught);
    expect(failure).toMatchObject({message: 'no disk', cause: error});
  });
});

describe('an error value of Lua', () => {
  test.each<[what: string, source: string, cause: unknown]>([
    ['a table', 'error({code = 7, list = {1, 2}})', {code: 7, list: [1, 2]}],
    ['an object with text', 'error(setmetatable({code = 7}, {__tostring = function() return "seven" end}))', {code: 7}],
    ['a number', 'error(42)', 42],
    ['a boolean', 'error(false)', false],
    ['nil', 'error(nil)', undefined],
  ])('is the cause: %s', async (_, source, cause) => {
    const failure = await failureOf(source);
    expect('cause' in failure).toBe(true);
    expect(failure.cause).toEqual(cause);
  });

  test('with functions in it has them as handles', async () => {
    const {cause} = await failureOf('error({retry = function() return "done" end})');
    expect(await (cause as {retry: LuaFunction}).retry.call()).toEqual(['done']);
  });

  test('that is a string is the message alone', async () => {
    const failure = await failureOf('error("text")');
    expect(failure.message).toBe('chunk:1: text');
    expect('cause' in failure).toBe(false);
  });

  test('that cannot cross leaves its text', async () => {
    const failure = await failureOf('error({co = coroutine.create(print)})');
    expect(failure.message).toBe('(error object is a table value)');
    expect('cause' in failure).toBe(false);
  });
});

describe('what Lua holds no longer is forgotten', () => {
  test('functions and errors, by the thousand', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const made: WeakRef<object>[] = [];
    const fail = () => {
      const thrown = new Error('one of many');
      made.push(new WeakRef(thrown));
      throw thrown;
    };
    const give = () => {
      const given = () => made.length;
      made.push(new WeakRef(given));
      return given;
    };
    const own = new Runtime({workers: 1});
    await own.run('for i = 1, 1000 do pcall(fail) give() end', {globals: {fail, give: give as unknown as Sendable}});
    const alive = () => made.filter((reference) => reference.deref()).length;
    await expect
      .poll(
        async () => {
          await own.run('return 1');
          collectGarbage();
          return alive();
        },
        {timeout: 30_000},
      )
      .toBeLessThan(100);
    expect(made).toHaveLength(2000);
    await own.close();
  });
});
