import {describe, expect, it} from 'vitest';
import type {LuaModule, LuaModuleFunction} from '../../lib/lua-module.js';
import {Runtime} from '../../lib/runtime.js';
import {errorOf, runScript, type ScriptOptions, valuesOf} from '../lua/script.js';

const describeFunction = (name: string, rest: Partial<LuaModuleFunction>): LuaModuleFunction => ({
  name,
  arguments: '',
  results: 'any',
  summary: 'For tests.',
  since: '1.0',
  ...rest,
});

/** What a module may have: functions of the host, functions in Lua, objects, constants, a call. */
function shop(closed: string[] = []): LuaModule {
  const stock = new Map([['apple', 3]]);
  return {
    name: 'shop',
    functions: [
      describeFunction('count', {
        arguments: 'item: string',
        run: (item) => stock.get(String(item)) ?? 0,
      }),
      describeFunction('fail', {
        run: () => {
          throw new Error('sold out');
        },
      }),
      describeFunction('wait', {run: () => new Promise(() => {})}),
      describeFunction('basket', {arguments: 'n?: integer, ...: string | {name: string}'}),
      describeFunction('twice', {arguments: 'f: function, ...: any', callsArguments: true, passesOn: true}),
      describeFunction('fail_inside', {}),
      describeFunction('buy', {arguments: 'item: string'}),
    ],
    call: 'buy',
    constants: {currency: 'EUR', limits: {apple: 10}},
    host: {take: (item) => stock.set(String(item), (stock.get(String(item)) ?? 0) - 1).get(String(item))},
    lua: `
      local library, host, class = ...
      local setmetatable, pack = library "_G.setmetatable", library "table.pack"
      local take, fail = host "take", host "fail"
      local Basket = class "basket"
      Basket.__index = {size = function(self) return self.items.n end}
      Basket.__tostring = function(self) return "basket of " .. self.items.n end
      local function buy(item) return take(item) end
      return {
        basket = function(n, ...) return setmetatable({limit = n, items = pack(...)}, Basket) end,
        twice = function(f, ...) f(...) return f(...) end,
        fail_inside = function() return fail() end,
        buy = buy,
        __call = buy,
      }`,
    close: () => void closed.push('shop'),
  };
}

const withShop = (rest: ScriptOptions = {}): ScriptOptions => ({
  ...rest,
  runtime: {modules: [shop()], ...rest.runtime},
});
const values = (source: string) => valuesOf(source, withShop());
const error = (source: string) => errorOf(source, withShop());

describe('a module', () => {
  it('is a global, and what require gives', async () => {
    expect(await values('return shop == require("shop"), shop.count("apple"), shop.count("pear")')).toEqual([
      true,
      3,
      0,
    ]);
  });

  it('is found through a computed name', async () => {
    expect(
      await values('local name = "sh" .. "op" return _G[name].count("apple"), require(name) == _ENV[name]'),
    ).toEqual([3, true]);
  });

  it('leaves a global of that name to the program that makes one', async () => {
    expect(await values('shop = 5 return shop')).toEqual([5]);
  });

  it('has constants', async () => {
    expect(await values('return shop.currency, shop.limits.apple')).toEqual(['EUR', 10]);
  });

  it('can be called', async () => {
    expect(await values('return shop("apple"), shop.buy("apple")')).toEqual([2, 1]);
  });

  it('extends a library of Lua without replacing what is there', async () => {
    const more: LuaModule = {
      name: 'math',
      functions: [
        describeFunction('abs', {run: () => 'ours'}),
        describeFunction('half', {arguments: 'n: number', run: (n) => Number(n) / 2}),
      ],
    };
    const source = `
      local h = goroutine.parallel(function() return math.abs(-3), math.half(5) end)
      return math.abs(-3), math.half(5), h:await()`;
    expect(await valuesOf(source, {runtime: {modules: [more]}})).toEqual([3, 2.5, true, 3, 2.5]);
  });

  it('gives error fields, and no other function any', async () => {
    const extension: LuaModule = {
      name: 'error',
      functions: [describeFunction('try', {arguments: 'f: function', callsArguments: true})],
      lua: 'local library = ... local pcall = library "_G.pcall" return {try = function(f) return pcall(f) end}',
    };
    const source = `
      local ok, message = error.try(function() error("no", 0) end)
      local function f() end
      local indexed, problem = pcall(function() return f.try end)
      local h = goroutine.parallel(function() return error.try(function() return 1 end) end)
      return ok, message, indexed, problem, select("#", pcall(error, "x")), h:await()`;
    expect(await valuesOf(source, {runtime: {modules: [extension]}})).toEqual([
      false,
      'no',
      false,
      "script:4: attempt to index a function value (field 'try')",
      2,
      true,
      true,
      1,
    ]);
  });

  it('is closed with its runtime, once', async () => {
    const closed: string[] = [];
    const runtime = new Runtime({modules: [shop(closed)]});
    await Promise.all([runtime.close(), runtime.close()]);
    expect(closed).toEqual(['shop']);
  });
});

describe('a function of a module', () => {
  it('complains about arguments at the place of the call', async () => {
    expect(await error('\nshop.count(7.5)')).toBe(
      "script:2: bad argument #1 to 'shop.count' (string expected, got number)",
    );
    expect(await error('shop.count()')).toBe(
      "script:1: bad argument #1 to 'shop.count' (string expected, got no value)",
    );
    expect(await error('shop.basket(1.5)')).toBe(
      "script:1: bad argument #1 to 'shop.basket' (integer expected, got 1.5)",
    );
    expect(await error('shop.basket(1, "a", channel.make())')).toBe(
      "script:1: bad argument #3 to 'shop.basket' (string or table expected, got channel)",
    );
  });

  it('raises what the host throws as text with the place of the call', async () => {
    expect(await error('\nshop.fail()')).toBe('script:2: sold out');
    expect(await error('\n\nshop.fail_inside()')).toBe('script:3: sold out');
    expect(await values('return pcall(shop.fail)')).toEqual([false, 'script:1: sold out']);
  });

  it('calls functions that may wait', async () => {
    expect(await values('return shop.twice(function(n) goroutine.sleep(1) return n end, 4)')).toEqual([4]);
  });

  it('is cancelled with its goroutine', async () => {
    const source = 'local ok, why = goroutine.timeout(10, shop.wait) return ok, why';
    expect(await values(source)).toEqual([false, 'timeout exceeded']);
  });

  it('cannot be turned into another one', async () => {
    const source = `
      local id = debug.upvalueid(function() return shop end, 1)
      for i = 1, 2 do pcall(debug.setupvalue, shop.count, i, id) end
      return pcall(shop.count, "apple")`;
    const {kind, values: results} = await runScript(source, withShop());
    expect(kind).toBe('succeeded');
    expect(results[0]).toBe(false);
  });
});

describe('on other islands, a module', () => {
  const parallel = (body: string, before = '', after = '') =>
    values(`${before} local h = goroutine.parallel(function() ${body} end) ${after} return h:await()`);

  it('is used by name', async () => {
    expect(await parallel('return shop.count("apple")')).toEqual([true, 3]);
  });

  it('is captured as a table and as functions', async () => {
    const before = 'local s, count, call = require "shop", shop.count, pcall';
    expect(await parallel('return s.count("apple"), count("apple"), call(count, "apple")', before)).toEqual([
      true,
      3,
      3,
      true,
      3,
    ]);
  });

  it('keeps no goroutine home, whatever is done with its results', async () => {
    const body = 'local b = shop.basket(2, "x", "y") local s = tostring(b) return b:size(), s, b.items[1]:upper()';
    expect(await parallel(body)).toEqual([true, 2, 'basket of 2', 'X']);
  });

  it('is replaced where the program replaced a function of it', async () => {
    const before = 'local old = shop.count function shop.count(item) return old(item) + 100 end';
    expect(await parallel('return shop.count("apple")', before)).toEqual([true, 103]);
  });

  it('gives objects that cross and stay what they are', async () => {
    const before = 'local b = shop.basket(1, "a")';
    expect(await parallel('return b:size(), tostring(b)', before)).toEqual([true, 1, 'basket of 1']);
    const source = `
      local ch = channel.make(1)
      go.spawn(function() ch:send(shop.basket(1, "a", "b")) end)
      local b = ch:receive()
      return b:size(), tostring(b), getmetatable(b)`;
    expect(await values(source)).toEqual([2, 'basket of 2', false]);
  });

  it('calls a function that the goroutine brought', async () => {
    expect(await parallel('return shop.twice(function(n) return n * 2 end, 4)')).toEqual([true, 8]);
  });

  it('serves a hundred goroutines at once', async () => {
    const source = `
      local handles = {}
      for i = 1, 100 do handles[i] = goroutine.parallel(function() return shop.count("apple") + shop.basket(1, "a"):size() + i end) end
      local sum = 0
      for _, result in ipairs(goroutine.await_all(handles)) do sum = sum + result.value end
      return sum`;
    expect(await values(source)).toEqual([5450]);
  });
});

describe('the host', () => {
  it('is told what is wrong with a module', () => {
    const make = (module: Partial<LuaModule>) => () => new Runtime({modules: [{...shop(), ...module}]});
    expect(make({name: 'a b'})).toThrow('a module needs a name that Lua can write, got "a b"');
    expect(make({call: 'nothing'})).toThrow("module shop has no function 'nothing' to call");
    expect(make({lua: undefined})).toThrow("shop.basket has neither 'run' nor a Lua part");
    expect(make({functions: [describeFunction('f', {arguments: 'n integer'})]})).toThrow(
      'the arguments of shop.f are not in the grammar',
    );
    const twice = [describeFunction('f', {run: () => 1}), describeFunction('f', {run: () => 2})];
    expect(make({functions: twice, call: undefined})).toThrow("module shop has two functions 'f'");
  });
});
