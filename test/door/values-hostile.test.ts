import {afterAll, describe, expect, test} from 'vitest';
import {LuaError, Runtime, type Sendable, SlothError, ValueError} from '../../lib/index.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

function refusalOf(value: unknown): ValueError {
  try {
    runtime.start('', {args: [value as Sendable]}).cancel();
  } catch (error) {
    for (const type of [TypeError, ValueError, SlothError]) expect(error).toBeInstanceOf(type);
    expect(error).not.toBeInstanceOf(LuaError);
    expect(error).toMatchObject({name: 'ValueError', code: 'E_VALUE'});
    return error as ValueError;
  }
  throw new Error('it was sent');
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = [value];
  return value;
}

/** What `make` says of a buffer, once the buffer was given away. */
function detached(make: (buffer: ArrayBuffer) => unknown): unknown {
  const buffer = new ArrayBuffer(8);
  const view = make(buffer);
  structuredClone(buffer, {transfer: [buffer]});
  return view;
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const revokedArray = Proxy.revocable([], {});
revokedArray.revoke();
const boom = new Error('boom');
// The rules of the linter are for errors of this project.
const throwNull = new Function('throw null');

describe('what cannot cross is refused with its path', () => {
  test.each<[what: string, value: unknown, message: string]>([
    ['a symbol', {list: [1, 2, 3, {socket: Symbol('s')}]}, 'args[0].list[3].socket: a symbol cannot cross into Lua'],
    ['a value of a Map', new Map([['k', Symbol('s')]]), 'args[0].get("k"): a symbol cannot'],
    ['a value under a number of a Map', {m: new Map([[7, [Symbol('s')]]])}, 'args[0].m.get(7)[0]: a symbol cannot'],
    ['a key of a Map', new Map([[Symbol('s'), 1]]), 'args[0]<key>: a symbol cannot'],
    ['inside a key of a Map', new Map([[{x: Symbol('s')}, 1]]), 'args[0]<key>.x: a symbol cannot'],
    ['a member of a Set', {s: new Set([Symbol('s')])}, 'args[0].s<member>: a symbol cannot'],
    ['undefined as a key', new Map([[undefined, 1]]), 'args[0]<key>: undefined cannot be a key in Lua'],
    ['null as a member', new Set([null]), 'args[0]<member>: null cannot be a key in Lua'],
    ['NaN as a key', new Map([[Number.NaN, 1]]), 'args[0]<key>: NaN cannot be a key in Lua'],
    [
      'keys that are one in Lua',
      new Map<unknown, number>([
        [1, 1],
        [1n, 2],
      ]),
      'args[0]<key>: 1n and 1 are one key in Lua',
    ],
    ['a bigint beyond', [-(2n ** 63n) - 1n], 'args[0][0]: a bigint beyond 64 bits'],
    ['an unsigned integer beyond', BigUint64Array.of(2n ** 63n), 'args[0][0]: a bigint beyond 64 bits'],
    ['a WeakMap', new WeakMap(), 'args[0]: an instance of WeakMap cannot'],
    ['a regular expression', /x/, 'args[0]: an instance of RegExp cannot'],
    ['a boxed number', Object(1), 'args[0]: an instance of Number cannot'],
    ['an instance without a name', new (class {})(), 'args[0]: an instance of a class cannot'],
    ['a promise', Promise.resolve(), 'await it first'],
    ['a detached buffer', {b: detached((buffer) => buffer)}, 'args[0].b: a detached buffer cannot'],
    ['a view of one', detached((buffer) => new Uint8Array(buffer)), 'args[0]: a detached buffer cannot'],
    ['floats of one', detached((buffer) => new Float64Array(buffer)), 'args[0]: a detached buffer cannot'],
    ['too deep', nested(20_000), 'values nested more than 10000 deep cannot cross'],
    ['too long', new Array(2 ** 32 - 1), 'args[0]: a list of 4294967295 elements cannot cross'],
  ])('%s', (_, value, message) => {
    expect(refusalOf(value).message).toContain(message);
  });

  test.each<[what: string, value: unknown, path: string, cause: unknown]>([
    [
      'a getter',
      [
        {
          get x() {
            throw boom;
          },
        },
      ],
      'args[0][0].x',
      boom,
    ],
    [
      'a getter that throws null',
      Object.defineProperty({}, 'x', {enumerable: true, get: () => Reflect.apply(throwNull, undefined, [])}),
      'args[0].x',
      null,
    ],
    [
      'a getter of an array',
      Object.defineProperty([1], 0, {
        get() {
          throw boom;
        },
      }),
      'args[0][0]',
      boom,
    ],
    [
      'a proxy',
      {
        p: new Proxy(
          {},
          {
            ownKeys() {
              throw boom;
            },
          },
        ),
      },
      'args[0].p',
      boom,
    ],
    ['a revoked proxy', [revoked.proxy], 'args[0][0]', expect.any(TypeError)],
    ['a revoked array', [revokedArray.proxy], 'args[0][0]', expect.any(TypeError)],
  ])('%s that throws, with what it threw as cause', (_, value, path, cause) => {
    const error = refusalOf(value);
    expect(error.path).toBe(path);
    expect(error.message).toContain(`${path}: reading it threw`);
    expect(error).toMatchObject({cause});
  });

  test('a path of many steps is shortened', () => {
    let value: unknown = Symbol('s');
    for (let i = 0; i < 100; i += 1) value = {next: value};
    expect(refusalOf(value).path).toBe(`args[0]...${'.next'.repeat(16)}`);
  });
});

describe('what is odd but can cross does', () => {
  const echo = async (value: unknown) => (await runtime.run('return ...', {args: [value as Sendable]}))[0];

  test('a proxy of an object, read once', async () => {
    const read: string[] = [];
    const get = (target: object, name: string) => {
      read.push(name);
      return Reflect.get(target, name);
    };
    expect(await echo(new Proxy({a: 1, b: [2]}, {get: get as never}))).toEqual({a: 1, b: [2]});
    expect(read).toEqual(['a', 'b']);
  });

  test('an array that shrinks while it is read', async () => {
    const list: unknown[] = [1, 2, 3];
    const shrinks = Object.defineProperty({}, 'x', {enumerable: true, get: () => (list.length = 1)});
    expect(await echo([shrinks, list])).toEqual([{x: 1}, [1, undefined, undefined]]);
  });

  test('a Map that grows while it is read', async () => {
    const map = new Map<unknown, unknown>([['a', 1]]);
    const grows = Object.defineProperty({}, 'x', {enumerable: true, get: () => map.set('b', 2).size});
    expect(await echo({list: [grows], map})).toEqual({list: [{x: 2}], map: new Map([['a', 1]])});
  });

  test('a getter that starts another run', async () => {
    let inner: Promise<unknown> | undefined;
    const value = {
      a: 'first',
      get b() {
        inner = echo({deep: [1, 'x'.repeat(100)]});
        return 'second';
      },
    };
    expect(await echo(value)).toEqual({a: 'first', b: 'second'});
    expect(await inner).toEqual({deep: [1, 'x'.repeat(100)]});
  });

  test('10,000 levels', async () => {
    let back = await echo(nested(10_000));
    let depth = 0;
    for (; Array.isArray(back); depth += 1) [back] = back;
    expect([depth, back]).toEqual([10_000, 1]);
  });

  test('an array of a million and a sparse one', async () => {
    expect(
      await runtime.run('local a, b = ... return #a, b.n, b[1000000]', {
        args: [Array.from({length: 1_000_000}, (_, i) => i), Object.assign(new Array(1_000_000), {999999: 'last'})],
      }),
    ).toEqual([1_000_000, 1_000_000, 'last']);
  });

  test('100,000 objects, each in two places', async () => {
    const objects = Array.from({length: 100_000}, (_, id) => ({id}));
    const [again, twice] = (await echo([objects, [...objects].reverse()])) as [unknown[], unknown[]];
    expect(again[7]).toBe(twice[99_992]);
    expect(again[99_999]).toEqual({id: 99_999});
  });

  test('buffers of several megabytes', async () => {
    const bytes = new Uint8Array(5_000_000).fill(0xff);
    expect(Buffer.compare((await echo(bytes)) as Uint8Array, bytes)).toBe(0);
  });
});

describe('of Lua', () => {
  test.each([
    [
      'a coroutine',
      'return {x = {y = {coroutine.create(print)}}}',
      "cannot return field 'x.y[1]' of value 1: a coroutine",
    ],
    ['a file', 'return 1, io.stdout', 'cannot return value 2: a userdata cannot reach the host'],
    ['a key', 'return {[coroutine.create(print)] = 1}', "cannot return field '<key>' of value 1: a coroutine"],
    ['a value under an odd key', 'return {["a b"] = {[1.5] = io.stdout}}', 'field \'["a b"][1.5]\' of value 1'],
    ['too deep', 'local t for i = 1, 20000 do t = {t} end return t', 'it is nested more than 10000 deep'],
    ['a member', 'return setmetatable({[io.stdout] = true}, {__js = "Set"})', "field '<key>' of value 1"],
  ])('%s is refused with its path', async (_, source, message) => {
    await expect(runtime.run(source)).rejects.toThrow(message);
  });

  test('what cannot reach a host function raises there', async () => {
    const [ok, message] = await runtime.run('return pcall(f, 1, {co = coroutine.create(print)})', {
      globals: {f: () => 1},
    });
    expect([ok, message]).toEqual([
      false,
      expect.stringMatching(/cannot pass to host function 'f' field 'co' of value 2/),
    ]);
  });

  test('100,000 functions become handles', async () => {
    const [list] = (await runtime.run(
      'local t = {} for i = 1, 1e5 do t[i] = function() return i end end return t',
    )) as [unknown[]];
    expect(list).toHaveLength(100_000);
  });

  test('a finalizer that empties the table on its way harms nothing', async () => {
    const source = `
local t = {}
for i = 1, 200 do t[i] = function() return i end end
for i = 1, 200 do setmetatable({}, {__gc = function() t[i] = nil end}) end
collectgarbage("setpause", 1)
local kinds = f(t)
return kinds`;
    const f = (list: unknown) => typeof list;
    const [kind] = await runtime.run(source, {globals: {f: f as unknown as Sendable}});
    expect(kind).toBe('object');
  });
});
