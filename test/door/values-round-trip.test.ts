import {runInNewContext} from 'node:vm';
import {afterAll, describe, expect, test} from 'vitest';
import {LuaFloat, LuaFunction, LuaHandle, luaNull, Runtime, type Sendable, type ValueOptions} from '../../lib/index.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

async function echo(value: unknown, options: ValueOptions = {}): Promise<unknown> {
  const [back] = await runtime.run('return ...', {args: [value as Sendable], ...options});
  return back;
}

const lua = (source: string, ...args: unknown[]) => runtime.run(source, {args: args as Sendable[]});

describe('a value comes back as it was', () => {
  const bytes = Uint8Array.of(0xff, 0, 0xfe);
  test.each<[what: string, value: unknown]>([
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['the integer beyond', 2 ** 53],
    ['the least safe integer', Number.MIN_SAFE_INTEGER],
    ['the largest 32 bits', 2 ** 31 - 1],
    ['one more', 2 ** 31],
    ['the least 32 bits', -(2 ** 31)],
    ['the largest integer of Lua', 2n ** 63n - 1n],
    ['the least integer of Lua', -(2n ** 63n)],
    ['a fraction', 0.1],
    ['minus zero', -0],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['the smallest number', 5e-324],
    ['false', false],
    ['text of 255 letters', 'x'.repeat(255)],
    ['text of 256 letters', 'x'.repeat(256)],
    ['text of a megabyte', 'é'.repeat(500_000)],
    ['text with NUL', 'a\0b'],
    ['text of many languages', 'olá, мир, 世界, \u{1f680}'],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00b'],
    ['surrogates in the wrong order', '\udc00\ud800'],
    ['bytes that are no text', bytes],
    ['an empty array', []],
    ['an empty object', {}],
    ['an array with holes', [1, undefined, 3, undefined]],
    ['an array of nothing', [undefined, undefined]],
    ['nested arrays', [[[1], []], [{}]]],
    ['an object whose keys are numbers', {1: 'a', 2: 'b'}],
    ['an object whose key is empty', {'': 1}],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
        [true, []],
        [2.5, {}],
      ]),
    ],
    [
      'a Map whose keys are 1..n',
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]),
    ],
    ['a Map whose keys are texts', new Map([['a', 1]])],
    ['an empty Map', new Map()],
    ['a Map with objects as keys', new Map([[{x: 1}, 'a']])],
    ['a Map with bytes as key', new Map([[bytes, 1]])],
    ['a Set', new Set([1, 'a', false])],
    ['an empty Set', new Set()],
    ['a Set of sets', new Set([new Set([1])])],
    ['a Date', new Date(1_700_000_000_123)],
    ['an invalid Date', new Date(Number.NaN)],
    ['an Int8Array', Int8Array.of(-128, 127)],
    ['a Uint8ClampedArray', Uint8ClampedArray.of(0, 255)],
    ['an Int16Array', Int16Array.of(-32_768)],
    ['a Uint16Array', Uint16Array.of(65_535)],
    ['an Int32Array', Int32Array.of(-(2 ** 31))],
    ['a Uint32Array', Uint32Array.of(2 ** 32 - 1)],
    ['a Float32Array', Float32Array.of(0.5, -0, Number.NaN)],
    ['a Float64Array', Float64Array.of(1, 0.1)],
    ['a BigInt64Array', BigInt64Array.of(1n, -(2n ** 63n))],
    ['a BigUint64Array', BigUint64Array.of(2n ** 62n)],
    ['an empty Float64Array', new Float64Array()],
    ['the null', luaNull],
    ['a list of nulls', [luaNull, {x: luaNull}]],
  ])('%s', async (_, value) => {
    expect(await echo(value)).toStrictEqual(value);
  });

  test('with its own keys, whatever they are called', async () => {
    const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
    const value = Object.fromEntries(keys.map((key) => [key, {polluted: key}]));
    Object.defineProperty(value, '__proto__', {value: {polluted: true}, enumerable: true});
    const back = (await echo(value)) as object;
    expect(Object.keys(back).sort()).toEqual(keys.sort());
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('where prototypes are frozen', async () => {
    const source = `
      (async () => {
        Object.freeze(Object.prototype);
        return await echo({toString: 1, constructor: 2});
      })()`;
    expect(await runInNewContext(source, {echo})).toEqual({toString: 1, constructor: 2});
  });

  test('and what it was is of this realm', async () => {
    const foreign = runInNewContext(
      '({list: [1], map: new Map([[1, 2]]), floats: Float32Array.of(1.5), when: new Date(7)})',
    );
    expect(await echo(foreign)).toStrictEqual({
      list: [1],
      map: new Map([[1, 2]]),
      floats: Float32Array.of(1.5),
      when: new Date(7),
    });
  });

  test('a function of JavaScript', async () => {
    const fn = () => 1;
    expect(await echo({fn, list: [fn]})).toEqual({fn, list: [fn]});
  });

  test.each(['Lua function', 'channel', 'goroutine', 'wait group', 'mutex'])('a %s', async (kind) => {
    const source = `
local made = {
    ["Lua function"] = function() end, channel = channel.make(), goroutine = goroutine.async(function() end),
    ["wait group"] = goroutine.wait_group(), mutex = goroutine.mutex(),
}
held = made
local handle = made[...]
return handle, function(other) return rawequal(handle, other) or handle == other end`;
    const [handle, isSame] = (await lua(source, kind)) as [LuaHandle, LuaFunction];
    expect(handle).toBeInstanceOf(LuaHandle);
    expect(handle).toMatchObject({kind});
    expect(await isSame.call(handle)).toEqual([true]);
  });
});

describe('in Lua', () => {
  test.each<[what: string, value: unknown, source: string, ...answers: unknown[]]>([
    ['a number without fraction is an integer', 1, 'return math.type(...)', 'integer'],
    ['LuaFloat is a float', new LuaFloat(1), 'return math.type(...), tostring(...)', 'float', '1.0'],
    ['minus zero is a float', -0, 'return math.type(...)', 'float'],
    ['an integer beyond 2^53 is a float', 2 ** 60, 'return math.type(...)', 'float'],
    ['a bigint is an integer', 2n ** 60n, 'return math.type(...)', 'integer'],
    ['a small bigint is an integer', 5n, 'return ... == 5', true],
    [
      'null and undefined are nil',
      [null, undefined, 3],
      'local t = ... return t[1], t[2], t[3], t.n',
      undefined,
      undefined,
      3,
      3,
    ],
    ['bytes are a string', Uint8Array.of(104, 105), 'return ... == "hi"', true],
    ['a Buffer is a string', Buffer.from('hi'), 'return ... == "hi"', true],
    ['a part of a buffer is that part', Buffer.from('a hill').subarray(2, 4), 'return ... == "hi"', true],
    ['an ArrayBuffer is a string', Uint8Array.of(104, 105).buffer, 'return ... == "hi"', true],
    ['a DataView is a string', new DataView(Uint8Array.of(1, 104, 105).buffer, 1), 'return ... == "hi"', true],
    ['a lone surrogate has its three bytes', '\ud800', 'return #..., (...):byte(1)', 3, 0xed],
    ['an array is a plain table', [1, 2], 'local t = ... return #t, getmetatable(t)', 2, undefined],
    ['an object is a plain table', {a: 1}, 'local t = ... return t.a, getmetatable(t)', 1, undefined],
    [
      'a Map is a table by its keys',
      new Map<unknown, unknown>([
        ['a', 1],
        [7, 'b'],
      ]),
      'local m = ... return m.a, m[7]',
      1,
      'b',
    ],
    [
      'a Set is a table of its members',
      new Set(['a', 7]),
      'local s = ... return s.a, s[7], s.b',
      true,
      true,
      undefined,
    ],
    ['a Date has milliseconds', new Date(1234), 'return (...).ms == 1234', true],
    ['a typed array is a list', Int16Array.of(5, 6), 'local t = ... return #t, t[2], math.type(t[1])', 2, 6, 'integer'],
    ['a Float64Array is a list of floats', Float64Array.of(5), 'return math.type((...)[1])', 'float'],
    ['the null is a value', [1, luaNull, 3], 'local t = ... return #t, tostring(t[2]), t[2] and true', 3, 'null', true],
    [
      'a value that occurs twice is one',
      (() => {
        const x = {};
        return {a: x, b: [x]};
      })(),
      'local t = ... return t.a == t.b[1]',
      true,
    ],
  ])('%s', async (_, value, source, ...answers) => {
    expect(await lua(source, value)).toEqual(answers);
  });

  test('marks survive a channel and another island', async () => {
    const source = `
local value = ...
local ch = channel.make(1)
ch:send(value)
local _, there = goroutine.await(goroutine.parallel(function(v) return v end, (ch:receive())))
return there`;
    const value = {set: new Set([1]), map: new Map([[1, luaNull]]), when: new Date(5), empty: []};
    expect(await lua(source, value)).toEqual([value]);
  });
});

describe('of Lua', () => {
  test.each<[what: string, source: string, value: unknown]>([
    ['1.0 is the number 1', '1.0', 1],
    ['an integer of 2^53 is a bigint', '9007199254740992', 2n ** 53n],
    ['an integer below is a number', '9007199254740991', 2 ** 53 - 1],
    ['keys 1..n are an array', '{[1] = "a", [2] = "b"}', ['a', 'b']],
    ['texts as keys are an object', '{a = 1, b = 2}', {a: 1, b: 2}],
    [
      'other keys are a Map',
      '{1, 2, n = 2}',
      new Map<unknown, unknown>([
        [1, 1],
        [2, 2],
        ['n', 2],
      ]),
    ],
    [
      'a list with a hole is a Map',
      '{[1] = "a", [3] = "c"}',
      new Map([
        [1, 'a'],
        [3, 'c'],
      ]),
    ],
    [
      'keys from 0 are a Map',
      '{[0] = "a", "b"}',
      new Map([
        [0, 'a'],
        [1, 'b'],
      ]),
    ],
    ['an empty table is an object', '{}', {}],
    ['a table marked Array is an array', 'setmetatable({}, {__js = "Array"})', []],
    [
      'table.pack marked Array is an array',
      'setmetatable(table.pack(nil, 2, nil), {__js = "Array"})',
      [undefined, 2, undefined],
    ],
    [
      'a table marked Set is a Set',
      'setmetatable({a = true, b = false, [1] = "x"}, {__js = "Set"})',
      new Set<unknown>([1, 'a']),
    ],
    ['a table marked Map is a Map', 'setmetatable({a = 1}, {__js = "Map"})', new Map([['a', 1]])],
    ['a table marked Date is a Date', 'setmetatable({ms = 5}, {__js = "Date"})', new Date(5)],
    ['a table marked Float64Array is one', 'setmetatable({1, 2.5}, {__js = "Float64Array"})', Float64Array.of(1, 2.5)],
    ['a table marked Int8Array wraps around', 'setmetatable({128}, {__js = "Int8Array"})', Int8Array.of(-128)],
    ['a mark that does not fit is none', 'setmetatable({ms = "late"}, {__js = "Date"})', {ms: 'late'}],
    ['an Array with other keys is what it is', 'setmetatable({a = 1}, {__js = "Array"})', {a: 1}],
    ['a typed array of texts is a list', 'setmetatable({"a"}, {__js = "Int8Array"})', ['a']],
    ['an unknown mark is none', 'setmetatable({1}, {__js = "WeakMap"})', [1]],
    ['a metatable stays', 'setmetatable({a = 1}, {__index = function() error("called") end, __len = error})', {a: 1}],
    [
      'an infinite n is no length',
      'setmetatable({1, n = 1 << 40}, {__js = "Array"})',
      new Map<unknown, unknown>([
        [1, 1],
        ['n', 2 ** 40],
      ]),
    ],
  ])('%s', async (_, source, value) => {
    expect(await lua(`return ${source}`)).toStrictEqual([value]);
  });

  test('tables that contain each other are cycles', async () => {
    const [a, b] = (await lua('local a, b = {}, {} a.b, b.a, a[1] = b, a, a return a, b')) as [
      Map<unknown, unknown>,
      {a: unknown},
    ];
    expect(a.get('b')).toBe(b);
    expect(b.a).toBe(a);
    expect(a.get(1)).toBe(a);
  });

  test('a function that occurs twice is one handle', async () => {
    const [a, list] = (await lua('local f = function() end return f, {f, print, print}')) as [unknown, unknown[]];
    expect(list[0]).toBe(a);
    expect(list[1]).toBe(list[2]);
    expect(list[1]).toBeInstanceOf(LuaFunction);
  });
});

describe('the option', () => {
  const source = 'return "text", "\\xff", {["k"] = "v", ["\\xff"] = "\\xff"}';
  const invalid = Uint8Array.of(0xff);

  test('strings: auto', async () => {
    expect(await lua(source)).toStrictEqual([
      'text',
      invalid,
      new Map<unknown, unknown>([
        ['k', 'v'],
        [invalid, invalid],
      ]),
    ]);
  });

  test('strings: utf8', async () => {
    expect(await runtime.run(source, {strings: 'utf8'})).toStrictEqual([
      'text',
      '\ufffd',
      new Map([
        ['k', 'v'],
        ['\ufffd', '\ufffd'],
      ]),
    ]);
  });

  test('strings: bytes', async () => {
    const [text, bytes, table] = await runtime.run('return "text", "\\xff", {k = "v"}', {strings: 'bytes'});
    expect([text, bytes, table]).toStrictEqual([
      new TextEncoder().encode('text'),
      invalid,
      {k: new TextEncoder().encode('v')},
    ]);
  });

  test('emptyTables: array', async () => {
    expect(await runtime.run('return {}, {a = {}}', {emptyTables: 'array'})).toStrictEqual([[], {a: []}]);
  });

  test('nulls: keep', async () => {
    const value = [1, null, {x: null}];
    expect(await echo(value, {nulls: 'keep'})).toStrictEqual(value);
    const [length] = await runtime.run('return #...', {args: [[1, null, null]], nulls: 'keep'});
    expect(length).toBe(3);
  });

  test('of the runtime holds for what host functions get and for runs that say nothing else', async () => {
    const own = new Runtime({workers: 1, strings: 'bytes', emptyTables: 'array', nulls: 'keep'});
    const seen: unknown[] = [];
    const note = (...values: unknown[]): null => {
      seen.push(...values);
      return null;
    };
    const globals = {note: note as unknown as Sendable};
    const values = await own.run('return "a", {}, note("b", {}) == note()', {globals});
    expect(values).toStrictEqual([Uint8Array.of(97), [], true]);
    expect(seen).toStrictEqual([Uint8Array.of(98), []]);
    expect(await own.run('return "a"', {strings: 'auto'})).toEqual(['a']);
    await own.close();
  });

  test.each([
    [{strings: 'latin1'}, 'strings must be one of auto, utf8, bytes, got latin1'],
    [{emptyTables: true}, 'emptyTables must be one of object, array, got true'],
    [{nulls: null}, 'nulls must be one of nil, keep, got null'],
  ])('%o is refused', (options, message) => {
    expect(() => new Runtime(options as never)).toThrow(message);
    expect(() => runtime.start('', options as never)).toThrow(message);
  });
});
