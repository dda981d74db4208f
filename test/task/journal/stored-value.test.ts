import {describe, expect, it} from 'vitest';
import {Runtime} from '../../../lib/runtime.js';
import type {Sendable} from '../../../lib/sendable.js';
import {LuaFloat, luaNull} from '../../../lib/special-values.js';
import {restoreValue, type StoredValue, storeValue} from '../../../lib/task/journal/stored-value.js';

function throughDisk(value: Sendable): Sendable {
  const {value: stored, lost} = storeValue(value, 'output');
  expect(lost).toEqual([]);
  return restoreValue(JSON.parse(JSON.stringify(stored)) as StoredValue);
}

describe('a value in the journal', () => {
  const values: Readonly<Record<string, Sendable>> = {
    text: 'grün\u0000\n',
    'a lone surrogate': 'a\ud800b',
    integer: 9_007_199_254_740_991,
    'integer of 64 bits': -9_223_372_036_854_775_808n,
    float: 0.1,
    'negative zero': -0,
    infinity: Number.NEGATIVE_INFINITY,
    'no number': Number.NaN,
    'a float without fraction': new LuaFloat(1),
    null: luaNull,
    bytes: new Uint8Array([0, 255, 10]),
    'an array of floats': new Float64Array([0.5, -1]),
    'an array of clamped bytes': new Uint8ClampedArray([0, 255]),
    date: new Date(12_345),
    map: new Map<Sendable, Sendable>([
      [1, 'one'],
      [{a: 1}, new Set(['x', 2])],
    ]),
    list: [1, [2, ['three']], {}],
    table: {a: {b: [true, false]}, 'a key with "quotes"': 1},
    'a table with the mark as its key': {$: ['date', '1'], other: 2},
    'a key of objects': JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Sendable,
  };
  it.each(Object.entries(values))('%s comes back the same', (_name, value) => {
    expect(throughDisk(value)).toEqual(value);
  });

  it('comes back without what cannot be kept, and says what that was', async () => {
    await using runtime = new Runtime({workers: 1});
    const [fn] = await runtime.run('return function() end');
    const cyclic: Record<string, Sendable> = {};
    cyclic['self'] = cyclic;
    const {value, lost} = storeValue({a: 1, run: fn, list: [cyclic, () => 1]}, 'output');
    expect(restoreValue(value)).toEqual({a: 1, run: undefined, list: [{self: undefined}, undefined]});
    expect(lost).toEqual([
      'output.run: a LuaFunction cannot be kept',
      'output.list[1].self: what contains itself cannot be kept',
      'output.list[2]: a function cannot be kept',
    ]);
  });

  it('that occurs twice is kept twice', () => {
    const shared = {a: 1};
    expect(throughDisk([shared, shared])).toEqual([{a: 1}, {a: 1}]);
  });

  it('that is a list a hundred thousand links long is cut, not a crash', () => {
    let list: Sendable = {};
    for (let link = 0; link < 100_000; link += 1) list = {next: list};
    expect(storeValue(list, 'output').lost).toEqual([expect.stringMatching(/nested 400 levels deep cannot be kept$/)]);
  });
});
