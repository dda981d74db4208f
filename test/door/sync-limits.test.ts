import {afterEach, describe, expect, it} from 'vitest';
import {Lua, type LuaCallable, SlothError} from '../../lib/index.js';

const open: Lua[] = [];
function make(...options: ConstructorParameters<typeof Lua>): Lua {
  const lua = new Lua(...options);
  open.push(lua);
  return lua;
}
afterEach(() => {
  for (const lua of open.splice(0)) lua.close();
});

function codeOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error instanceof SlothError ? error.code : error;
  }
  return 'nothing thrown';
}

describe('a time limit', () => {
  const loops: readonly (readonly [what: string, source: string])[] = [
    ['a loop', 'while true do end'],
    ['pcall', 'while true do pcall(function() while true do end end) end'],
    ['xpcall', 'while true do xpcall(function() while true do end end, function() while true do end end) end'],
    [
      'coroutines',
      'while true do coroutine.wrap(function() while true do pcall(function() while true do end end) end end)() end',
    ],
    ['a finalizer', 'setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end'],
    ['string.rep', 'while true do pcall(string.rep, "x", 1e8) end'],
    ['a pattern', '(("a"):rep(40)):find(("a-"):rep(40) .. "b")'],
    ['table.move', 'table.move({}, 1, 1e15, 2)'],
    ['table.concat', 'table.concat(setmetatable({}, {__index = function() return "" end}), "", 1, 1e15)'],
    ['a comparator', 'table.sort({3, 2, 1, 5, 4}, function() while true do end end)'],
    [
      'a metamethod',
      'local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end',
    ],
    ['load', 'load(function() while true do end end)'],
    ['a chunk of a chunk', 'load("while true do pcall(load, \\"while true do end\\") end")()'],
  ];

  it.each(loops)('ends %s', (_what, source) => {
    const lua = make();
    const before = performance.now();
    expect(codeOf(() => lua.eval(source, {timeoutMs: 50}))).toBe('E_TIMEOUT');
    // Ten times what is promised: other work may keep the processors busy.
    expect(performance.now() - before).toBeLessThan(1500);
    expect(lua.eval('return 1')).toEqual([1]);
  });

  it('of the engine holds for functions and objects, too', () => {
    const lua = make({timeoutMs: 50});
    const [loop, object] = lua.eval(
      'return function() while true do end end, setmetatable({}, {__index = function() while true do end end})',
    ) as [LuaCallable, Record<string, unknown>];
    expect(codeOf(() => loop())).toBe('E_TIMEOUT');
    expect(codeOf(() => object['x'])).toBe('E_TIMEOUT');
    expect(codeOf(() => lua.call(loop))).toBe('E_TIMEOUT');
    expect(lua.eval('return 2', {timeoutMs: Number.POSITIVE_INFINITY})).toEqual([2]);
  });

  it('includes the time of host functions', () => {
    const lua = make();
    lua.set('busy', () => {
      const end = performance.now() + 80;
      while (performance.now() < end);
    });
    expect(codeOf(() => lua.eval('busy() while true do end', {timeoutMs: 40}))).toBe('E_TIMEOUT');
    expect(codeOf(() => lua.eval('pcall(busy) return 1', {timeoutMs: 40}))).toBe('E_TIMEOUT');
  });

  it('of a call within a call ends that one alone', () => {
    const lua = make();
    let inner: unknown;
    lua.set('inside', () => {
      inner = codeOf(() => lua.eval('while true do end', {timeoutMs: 30}));
      return 'went on';
    });
    expect(lua.eval('return inside(), inside()', {timeoutMs: 60_000})).toEqual(['went on', 'went on']);
    expect(inner).toBe('E_TIMEOUT');
    expect(lua.eval('return inside()')).toEqual(['went on']);
  });

  it('of a call ends what it calls', () => {
    const lua = make();
    const inner: unknown[] = [];
    lua.set('inside', () => {
      inner.push(codeOf(() => lua.eval('while true do end', {timeoutMs: 60_000})));
      return 'too late';
    });
    expect(codeOf(() => lua.eval('inside() while true do end', {timeoutMs: 50}))).toBe('E_TIMEOUT');
    expect(inner).toEqual(['E_TIMEOUT']);
  });

  it('of a call is not over because a call within it caught the error', () => {
    const lua = make();
    lua.set('inside', () => codeOf(() => lua.eval('while true do end')));
    const before = performance.now();
    expect(codeOf(() => lua.eval('while true do pcall(inside) end', {timeoutMs: 50}))).toBe('E_TIMEOUT');
    expect(performance.now() - before).toBeLessThan(900);
  });

  it('lets <close> and defer handlers finish', () => {
    const lua = make();
    const source = `
      log = {}
      defer(function() log[#log + 1] = "deferred" end)
      local guard <close> = setmetatable({}, {__close = function() log[#log + 1] = "closed" end})
      while true do end`;
    expect(codeOf(() => lua.eval(source, {timeoutMs: 30}))).toBe('E_TIMEOUT');
    expect(lua.get('log')).toEqual(['closed', 'deferred']);
  });

  it('is checked', () => {
    expect(() => make({timeoutMs: -1})).toThrow(/timeoutMs must be/);
    expect(() => make().eval('', {timeoutMs: Number.NaN})).toThrow(/timeoutMs/);
  });
});

describe('a memory limit', () => {
  const builders: readonly (readonly [what: string, source: string])[] = [
    ['a giant string', 'local s = "x" while true do s = s .. s end'],
    ['string.rep', 'return #string.rep("x", 1 << 30)'],
    ['a giant table', 'local t = {} for i = 1, 1e9 do t[i] = i end'],
    ['many tables', 'local t = {} while true do t = {t} end'],
    ['many globals', 'for i = 1, 1e9 do _G["g" .. i] = i end'],
  ];

  it.each(builders)('ends %s', (_what, source) => {
    const lua = make({memoryLimitBytes: 16 * 1024 * 1024});
    expect(codeOf(() => lua.eval(source))).toBe('E_MEMORY');
    expect(codeOf(() => lua.eval(source))).toBe('E_MEMORY');
    expect(lua.eval('return 1')).toEqual([1]);
    expect(lua.stats().memoryBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it('holds for what JavaScript sends', () => {
    const lua = make({memoryLimitBytes: 4 * 1024 * 1024});
    const size = lua.eval('return function(s) return #s end')[0] as LuaCallable;
    expect(codeOf(() => size('x'.repeat(8 << 20)))).toBe('E_MEMORY');
    expect(codeOf(() => size(Array.from({length: 1 << 20}, (_, i) => i)))).toBe('E_MEMORY');
    lua.set('big', () => 'x'.repeat(8 << 20));
    expect(codeOf(() => lua.eval('return #big()'))).toBe('E_MEMORY');
    expect(lua.eval('return pcall(big)')[0]).toBe(false);
    expect(size('abc')).toBe(3);
  });

  it('is checked', () => {
    expect(() => make({memoryLimitBytes: 0})).toThrow(/memoryLimitBytes must be a positive integer/);
  });
});
