import fc from 'fast-check';
import {afterAll, expect, test} from 'vitest';
import {Lua, type LuaCallable} from '../../lib/index.js';
import {anything} from '../support/arbitrary-values.js';

const lua = new Lua();
afterAll(() => lua.close());
const [echo] = lua.eval('return function(...) return ... end') as [LuaCallable];
const runs = {numRuns: 300};

test('random structures of JavaScript come back from the synchronous engine as they were', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(echo(value)).toStrictEqual(value);
      expect(lua.eval('return ...', {args: [value as never]})).toStrictEqual([value]);
    }),
    runs,
  );
});

test('random arguments reach a function of JavaScript as they were', () => {
  let got: unknown[] = [];
  lua.set('take', (...args: unknown[]) => {
    got = args;
  });
  const [pass] = lua.eval('return function(...) take(...) end') as [LuaCallable];
  fc.assert(
    fc.property(fc.array(fc.oneof(anything, fc.constant(undefined)), {maxLength: 20}), (args) => {
      pass(...args);
      expect(got).toStrictEqual(args);
    }),
    runs,
  );
});

test('random tables are the same as objects and as copies', () => {
  const references = new Lua({objects: 'reference'});
  const build = `
    local build
    function build(depth)
      local kind = math.random(6)
      if depth == 0 or kind <= 2 then return ({math.random(100), math.random(), "text " .. math.random(9), true})[math.random(4)] end
      local t = {}
      for i = 1, math.random(4) do t[kind == 3 and i or "key" .. i] = build(depth - 1) end
      return t
    end
    math.randomseed(...)
    made = build(4)`;
  // What is seen through proxies, as plain values.
  const plain = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const entries = [...(value as Iterable<[unknown, unknown]>)].map(([key, inner]) => [key, plain(inner)] as const);
    const isList = entries.length > 0 && entries.every(([key], index) => key === index + 1);
    return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
  };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      references.eval(build, {args: [seed]});
      expect(plain(references.get('made'))).toStrictEqual(references.get('made', {objects: 'copy'}));
    }),
    {numRuns: 100},
  );
  references.close();
});
