import {describe, expect, test} from 'vitest';
import {LuaFunction} from '../../lib/lua-function.js';
import type {Sendable} from '../../lib/sendable.js';
import {FakeFunction, fakeRuntime} from './fake-binding.js';

class Point {
  x = 1;
}

describe('a value that cannot cross', () => {
  test.each([
    ['a symbol', [Symbol('s')], 'args[0]: a symbol cannot cross into Lua'],
    ['a class instance', [{deep: [0, new Point()]}], 'args[0].deep[1]: an instance of Point cannot cross into Lua'],
    ['a promise', [Promise.resolve(1)], 'await it first'],
    ['a wide bigint', [2n ** 63n], 'args[0]: a bigint beyond 64 bits'],
    ['under an odd key', [{'a b': Symbol('s')}], 'args[0]["a b"]: a symbol'],
  ])('is refused with its path: %s', (_, args, message) => {
    const {runtime, native} = fakeRuntime();
    expect(() => runtime.start('', {args: args as Sendable[]})).toThrow(message);
    expect(native.starts.size).toBe(0);
  });

  test('is refused as a global by its name', () => {
    const {runtime} = fakeRuntime();
    const globals = {when: new Point() as unknown as Sendable};
    expect(() => runtime.start('', {globals})).toThrow('globals.when');
  });

  test('may appear twice without being a circle', () => {
    const {runtime, native} = fakeRuntime();
    const shared = {n: 1};
    runtime.start('', {args: [shared, [shared, shared]]});
    const [first, list] = native.startOf(1).args as [unknown, unknown[]];
    expect([first, list]).toEqual([{n: 1}, [{n: 1}, {n: 1}]]);
    expect([list[0], list[1]]).toEqual([first, first]);
    expect(list[0]).toBe(first);
  });
});

describe('a key named __proto__', () => {
  test('is a key like any other', () => {
    const {runtime, native} = fakeRuntime();
    runtime.start('', {args: [JSON.parse('{"__proto__": {"polluted": true}}')]});
    const [sent] = native.startOf(1).args;
    expect(Object.keys(sent as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a Lua function', () => {
  async function received() {
    const {runtime, native} = fakeRuntime();
    const key = new FakeFunction();
    const result = runtime.run('return {callback = function() end}');
    native.report(1, {values: [{callback: key.handle}]});
    const [table] = (await result) as [{callback: LuaFunction}];
    return {runtime, native, key, fn: table.callback};
  }

  test('arrives as a handle that can be called', async () => {
    const {native, key, fn} = await received();
    expect(fn).toBeInstanceOf(LuaFunction);
    const answer = fn.call(20, 'x');
    expect(native.calls.get(2)).toEqual({
      fn: key.native,
      request: {args: [20, 'x'], atHome: false, failFast: false, timeoutMs: -1},
    });
    native.report(2, {values: [42]});
    expect(await answer).toEqual([42]);
  });

  test('is not mistaken for a table that has a field of that name', async () => {
    const {runtime, native} = fakeRuntime();
    const result = runtime.run('return {kind = "function", n = 1}');
    native.report(1, {values: [{kind: 'function', n: 1}]});
    expect(await result).toEqual([{kind: 'function', n: 1}]);
  });

  test('goes back to its runtime as itself', async () => {
    const {runtime, native, key, fn} = await received();
    runtime.start('', {args: [{fn}]});
    expect((native.startOf(2).args[0] as {fn: unknown}).fn).toBe(key.native);
  });

  test('may not be sent to another runtime', async () => {
    const {fn} = await received();
    const other = fakeRuntime();
    expect(() => other.runtime.start('', {args: [fn]})).toThrow('a Lua function of another runtime');
  });

  test('can be neither called nor sent once it is released', async () => {
    const {runtime, native, key, fn} = await received();
    fn.release();
    fn.release();
    expect(native.released).toEqual([key.native]);
    await expect(fn.call()).rejects.toMatchObject({code: 'E_CLOSED'});
    expect(() => runtime.start('', {args: [fn]})).toThrow('was released');
  });
});
