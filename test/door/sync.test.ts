import {inspect} from 'node:util';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {Lua, type LuaCallable, LuaError, type LuaTable, Runtime, results, type SlothError} from '../../lib/index.js';

let lua: Lua;
beforeEach(() => {
  lua = new Lua();
});
afterEach(() => {
  lua.close();
});

/** What it throws. */
function thrownBy(body: () => unknown): SlothError & {cause?: unknown} {
  try {
    body();
  } catch (error) {
    return error as SlothError;
  }
  throw new Error('nothing was thrown');
}

describe('eval', () => {
  it('returns all results', () => {
    expect(lua.eval('return 1 + 1, "two", nil, true')).toEqual([2, 'two', undefined, true]);
    expect(lua.eval('')).toEqual([]);
  });

  it('passes arguments', () => {
    expect(lua.eval('local a, b = ... return b, a', {args: [{x: [1, 2]}, 'b']})).toEqual(['b', {x: [1, 2]}]);
  });

  it('keeps globals from one chunk to the next', () => {
    lua.eval('counter = 41');
    expect(lua.eval('counter = counter + 1 return counter')).toEqual([42]);
  });

  it('names the line of a syntax error', () => {
    expect(thrownBy(() => lua.eval('\nx = = 1', {chunkName: '@a.lua'}))).toMatchObject({
      code: 'E_SYNTAX',
      message: expect.stringContaining('a.lua:2:'),
    });
  });

  it('takes bytes for source', () => {
    expect(lua.eval(new TextEncoder().encode('return "é"'))).toEqual(['é']);
  });
});

describe('calls into Lua', () => {
  it('return the first result', () => {
    const add = lua.eval('return function(a, b) return a + b, "more" end')[0] as LuaCallable;
    expect(add(1, 2)).toBe(3);
    expect(lua.call(add, 1, 2)).toEqual([3, 'more']);
  });

  it('go to global functions by name', () => {
    lua.eval('function twice(x) return x, x end');
    expect(lua.call('twice', 'a')).toEqual(['a', 'a']);
    expect(thrownBy(() => lua.call('missing'))).toMatchObject({code: 'E_LUA'});
  });

  it.each([
    [1, 'integer'],
    [1.5, 'float'],
    [-0, 'float'],
    [2 ** 53, 'float'],
    [2n ** 60n, 'integer'],
    ['text', 'nil'],
  ])('pass %s as %s', (value, type) => {
    const check = lua.eval('return function(x) return math.type(x) or "nil" end')[0] as LuaCallable;
    expect(check(value)).toBe(type);
  });

  it('pass texts as they are, lone surrogates and long ones too', () => {
    const echo = lua.eval('return function(...) return ... end')[0] as LuaCallable;
    for (const text of ['', 'a', 'é€😀', '\ud800', '\ufffd', 'x'.repeat(600), 'ü'.repeat(100_000), 'a\0b']) {
      expect(echo(text)).toBe(text);
    }
    expect(lua.call(echo, ...Array.from({length: 40}, (_, i) => `text ${i}`))).toHaveLength(40);
  });

  it('give one JavaScript function for one Lua function', () => {
    lua.eval('f = function() end');
    expect(lua.get('f')).toBe(lua.get('f'));
    expect(lua.eval('return f, {f}')).toEqual([lua.get('f'), [lua.get('f')]]);
    lua.set('g', lua.get('f'));
    expect(lua.eval('return f == g')).toEqual([true]);
  });
});

describe('calls into JavaScript', () => {
  it('are made at once', () => {
    const seen: unknown[] = [];
    lua.set('note', (...args: unknown[]) => void seen.push(args));
    lua.eval('note(1, "a", nil, {2}) note()');
    expect(seen).toEqual([[1, 'a', undefined, [2]], []]);
  });

  it('answer with one value, several, or none', () => {
    lua.set('one', () => [1]);
    lua.set('several', () => results(1, {a: 2}));
    lua.set('none', () => {});
    expect(lua.eval('return one()[1], select("#", none()), several()')).toEqual([1, 0, 1, {a: 2}]);
  });

  it('call back, as deep as Lua allows', () => {
    const down: (n: number) => unknown = (n) => (n === 0 ? 'bottom' : lua.call('down', n - 1)[0]);
    lua.set('host_down', down);
    lua.eval('function down(n) return host_down(n) end');
    expect(lua.call('down', 30)).toEqual(['bottom']);
    expect(thrownBy(() => lua.call('down', 100_000))).toBeInstanceOf(LuaError);
    expect(lua.call('down', 30)).toEqual(['bottom']);
  });

  it('get back the function that was passed', () => {
    const fn = () => {};
    lua.set('f', fn);
    expect(lua.get('f')).toBe(fn);
    expect(lua.eval('return {f, f}')).toEqual([[fn, fn]]);
  });

  it('work inside coroutines, sorts and metamethods', () => {
    lua.set('less', (a: number, b: number) => a < b);
    const source = `
      local t = {3, 1, 2}
      table.sort(t, less)
      local co = coroutine.wrap(function(x) x = coroutine.yield(less(x, 2)) return less(x, 2) end)
      local mt = setmetatable({}, {__index = less})
      return t, co(1), co(3), mt[1] == nil`;
    expect(lua.eval(source)).toEqual([[1, 2, 3], true, false, false]);
  });

  it('refuse a promise', () => {
    lua.set('later', async function later() {});
    expect(thrownBy(() => lua.eval('later()')).message).toMatch(/'later' returned a promise.*Runtime/);
  });

  it('refer to a promise where everything is referred to', async () => {
    const other = new Lua({objects: 'reference'});
    other.set('later', async () => 7);
    const [promise] = other.eval('return later()');
    expect(await promise).toBe(7);
    other.close();
  });
});

describe('errors', () => {
  it('of Lua have message, traceback and value', () => {
    const error = thrownBy(() => lua.eval('local function f() error({code = 7}) end f()', {chunkName: '@e.lua'}));
    expect(error).toBeInstanceOf(LuaError);
    expect(error.cause).toEqual({code: 7});
    expect(error.luaTraceback).toContain('e.lua:1: in');
    expect(thrownBy(() => lua.eval('error("plain")')).message).toMatch(/plain$/);
  });

  it.each([new TypeError('no'), 'text', null, undefined, 5, {a: 1}])(
    'thrown by JavaScript pass through: %s',
    (thrown) => {
      lua.set('fail', () => {
        throw thrown;
      });
      const error = thrownBy(() => lua.eval('fail()'));
      expect(error).toBeInstanceOf(LuaError);
      expect(error.cause).toBe(thrown);
      expect(lua.eval('return pcall(fail)')[0]).toBe(false);
    },
  );

  it('cross and cross again', () => {
    const root = new RangeError('root');
    lua.set('fail', () => {
      throw root;
    });
    lua.set('middle', () => lua.eval('fail()'));
    const error = thrownBy(() => lua.eval('middle()'));
    expect((error.cause as LuaError).cause).toBe(root);
  });

  it('of values that cannot cross name the path', () => {
    const echo = lua.eval('return function(...) return ... end')[0] as LuaCallable;
    expect(() => echo({list: [Symbol('s')]})).toThrow('args[0].list[0]: a symbol cannot cross into Lua');
    expect(() => echo(2n ** 70n)).toThrow(/beyond 64 bits/);
    lua.set('bad', () => ({s: Symbol('s')}));
    expect(lua.eval('local ok, e = pcall(bad) return ok, tostring(e)')).toEqual([
      false,
      'results[0].s: a symbol cannot cross into Lua',
    ]);
  });

  it('of os.exit tell the code, and leave the engine usable', () => {
    expect(thrownBy(() => lua.eval('os.exit(3)'))).toMatchObject({code: 'E_EXIT', exitCode: 3});
    expect(lua.eval('return 1')).toEqual([1]);
  });
});

describe('tables', () => {
  beforeEach(() => {
    lua.eval(`
      Account = {}
      Account.__index = Account
      function Account.new(balance) return setmetatable({balance = balance}, Account) end
      function Account:deposit(n) self.balance = self.balance + n return self.balance end
      Account.__tostring = function(a) return "account of " .. a.balance end
      account = Account.new(10)`);
  });

  it('of data are copied', () => {
    expect(lua.eval('return {1, {a = "b"}}, {}')).toEqual([[1, {a: 'b'}], {}]);
  });

  it('with methods are objects', () => {
    const account = lua.get<LuaTable & {deposit: LuaCallable}>('account');
    expect(account.deposit(5)).toBe(15);
    account['balance'] = 100;
    expect(lua.eval('return account.balance, account.missing')).toEqual([100, undefined]);
    expect(String(account)).toBe('account of 100');
    expect(inspect({account})).toBe('{ account: [account of 100] }');
    expect(Object.keys(account)).toEqual(['balance']);
    expect('deposit' in account).toBe(true);
    expect(Object.hasOwn(account, 'deposit')).toBe(false);
    delete account['balance'];
    expect(lua.eval('return account.balance')).toEqual([undefined]);
  });

  it('that are modules keep the dot of Lua', () => {
    const math = lua.get<LuaTable & {floor: LuaCallable; max: LuaCallable}>('math');
    expect(math.floor(1.5)).toBe(1);
    expect(math.max(1, 3, 2)).toBe(3);
  });

  it('keep their identity', () => {
    expect(lua.get('account')).toBe(lua.get('account'));
    lua.set('same', lua.get('account'));
    expect(lua.eval('return same == account, rawequal(same, account)')).toEqual([true, true]);
    expect(lua.eval('local box = ... return box.inside == account', {args: [{inside: lua.get('account')}]})).toEqual([
      true,
    ]);
  });

  it('are looped over as pairs does', () => {
    const {globals} = lua;
    lua.eval('list = setmetatable({10, 20, name = "n"}, {})');
    expect([...(globals['list'] as LuaTable)]).toEqual([
      [1, 10],
      [2, 20],
      ['name', 'n'],
    ]);
    expect(lua.length(globals['list'] as LuaTable)).toBe(2);
    expect((globals['list'] as LuaTable)[2]).toBe(20);
    lua.eval(
      'virtual = setmetatable({}, {__pairs = function() return function(_, k) if not k then return "k", "v" end end end})',
    );
    expect([...lua.get<LuaTable>('virtual')]).toEqual([['k', 'v']]);
  });

  it('are all referred to, or all copied, where that is asked for', () => {
    lua.eval('data = {list = {1}}');
    const data = lua.get<{list: LuaTable}>('data', {objects: 'reference'});
    (lua.eval('return data.list', {objects: 'reference'})[0] as LuaTable)[2] = 'added';
    expect(lua.get('data')).toEqual({list: [1, 'added']});
    expect(data).toBe(lua.get('data', {objects: 'reference'}));
    expect(lua.get('account', {objects: 'copy'})).toEqual({balance: 10});
  });

  it('raise errors of their metamethods', () => {
    const strict = lua.eval('return setmetatable({}, {__index = function(_, k) error("no " .. k) end})')[0] as LuaTable;
    expect(() => strict['x']).toThrow(/no x$/);
    expect(() => Object.getPrototypeOf(strict)).not.toThrow();
  });

  it('have no way to the prototypes of JavaScript', () => {
    const table = lua.get<LuaTable>('account');
    const name = '__proto__';
    expect(table[name]).toBe(undefined);
    expect(table['constructor']).toBe(undefined);
    table[name] = 1;
    expect(lua.eval('return account["__proto__"]')).toEqual([1]);
  });

  it('may be files and coroutines', () => {
    const [file, co] = lua.eval('return io.stderr, coroutine.create(print)') as [
      LuaTable & {flush: LuaCallable},
      object,
    ];
    expect(file.flush()).toBe(true);
    lua.set('co', co);
    expect(lua.eval('return coroutine.status(co)')).toEqual(['suspended']);
  });
});

describe('objects of JavaScript', () => {
  class Counter {
    count = 0;
    #secret = 1;
    add(n: number) {
      this.count += n;
      return this;
    }
    get secret() {
      return this.#secret;
    }
    same(other: unknown) {
      return other === this;
    }
  }

  it('of classes are referred to', () => {
    const counter = new Counter();
    lua.set('counter', counter);
    expect(lua.get('counter')).toBe(counter);
    expect(lua.eval('counter:add(2):add(3) counter.extra = "x" return counter.count, counter.secret')).toEqual([5, 1]);
    expect(counter).toMatchObject({count: 5, extra: 'x'});
    expect(lua.eval('return counter:same(counter), counter.add(1).count, tostring(counter)')).toEqual([
      true,
      6,
      'JavaScript object: Counter',
    ]);
    expect(lua.eval('local keys = {} for k in pairs(counter) do keys[#keys + 1] = k end return keys')).toEqual([
      ['count', 'extra'],
    ]);
  });

  it('lead nowhere', () => {
    lua.set('counter', new Counter());
    const source = 'return counter.constructor, counter.__proto__, counter.hasOwnProperty, counter.__defineGetter__';
    expect(lua.eval(source)).toEqual([undefined, undefined, undefined, undefined]);
    expect(() => lua.eval('counter.constructor = 1')).toThrow(/cannot be set from Lua/);
    expect(() => lua.eval('counter.__proto__ = {x = 1}')).toThrow(/cannot be set from Lua/);
    function* generate() {
      yield 1;
    }
    lua.set('generator', generate());
    expect(lua.eval('return generator.constructor, generator:next().value')).toEqual([undefined, 1]);
  });

  it('of any kind are referred to where that is asked for', () => {
    const list = ['a', 'b'];
    const map = new Map<unknown, unknown>([['k', 1]]);
    lua.set('list', list, {objects: 'reference'});
    lua.set('map', map, {objects: 'reference'});
    expect(lua.eval('list[3] = "c" map.k = 2 map[5] = true return #list, list[1], map.k, #map')).toEqual([
      3,
      'a',
      2,
      2,
    ]);
    expect(list).toEqual(['a', 'b', 'c']);
    expect([...map]).toEqual([
      ['k', 2],
      [5, true],
    ]);
    expect(lua.eval('local all = {} for i, v in ipairs(list) do all[i] = v end return all, table.concat(all)')).toEqual(
      [['a', 'b', 'c'], 'abc'],
    );
  });

  it('that throw when they are touched raise', () => {
    class Hostile {
      get x(): never {
        throw new Error('touched');
      }
    }
    lua.set('hostile', new Hostile());
    expect(() => lua.eval('return hostile.x')).toThrow('touched');
    expect(() => lua.eval('hostile.x = 1')).toThrow(/cannot be set/);
    expect(lua.eval('return pcall(function() return hostile.x end)')[0]).toBe(false);
  });

  it('are known to be the same', () => {
    const counter = new Counter();
    lua.set('a', counter);
    lua.set('b', counter);
    expect(lua.eval('return a == b')).toEqual([true]);
  });
});

it('has the libraries of every island', () => {
  expect(lua.eval('return type(channel.make), type(goroutine.spawn), type(require("string").rep), _VERSION')).toEqual([
    'function',
    'function',
    'function',
    'Lua 5.4',
  ]);
});

it('can lend the runtime of others', async () => {
  const runtime = new Runtime({workers: 1});
  const borrower = new Lua({runtime});
  expect(borrower.eval('return 1')).toEqual([1]);
  expect(() => new Lua({runtime, sandbox: 'safe'})).toThrow(/sandbox belongs to the runtime/);
  await runtime.close();
  expect(borrower.closed).toBe(true);
  expect(() => new Lua({runtime})).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
});
