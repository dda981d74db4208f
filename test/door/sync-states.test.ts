import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {describe, expect, it} from 'vitest';
import {Lua, type LuaCallable, type LuaTable, Runtime, SlothError} from '../../lib/index.js';

interface Subject {
  readonly lua: Lua;
  readonly runtime: Runtime;
  readonly fn: LuaCallable;
  readonly table: LuaTable;
}

const operations: Readonly<Record<string, (subject: Subject) => unknown>> = {
  eval: ({lua}) => lua.eval('return 1'),
  'eval with options': ({lua}) =>
    lua.eval('return ...', {args: [{a: 1}], strings: 'bytes', objects: 'copy', timeoutMs: 5000}),
  'call by name': ({lua}) => lua.call('identity', 1),
  'call of a function': ({lua, fn}) => lua.call(fn, 1),
  get: ({lua}) => lua.get('identity'),
  'get with options': ({lua}) => lua.get('identity', {objects: 'reference'}),
  set: ({lua}) => lua.set('x', 1),
  'set with options': ({lua}) => lua.set('x', {}, {objects: 'reference'}),
  globals: ({lua}) => lua.globals,
  length: ({lua, table}) => lua.length(table),
  'a function': ({fn}) => fn(1),
  'a field': ({table}) => table['a'],
  'a field that is set': ({table}) => {
    table['b'] = 2;
  },
  'a field that is deleted': ({table}) => Reflect.deleteProperty(table, 'b'),
  keys: ({table}) => Object.keys(table),
  'a loop': ({table}) => [...table],
  'a method': ({table}) => (table['method'] as LuaCallable)(),
  tostring: ({table}) => String(table),
};

/** Brings a subject into a state and hands it to `use` there. */
const states: Readonly<
  Record<string, {readonly rule: 'allowed' | 'blocked'; reach(subject: Subject, use: () => void): void}>
> = {
  open: {rule: 'allowed', reach: (_, use) => use()},
  closed: {
    rule: 'blocked',
    reach({lua}, use) {
      lua.close();
      lua.close();
      use();
    },
  },
  'closed with its runtime': {
    rule: 'blocked',
    reach({runtime}, use) {
      void runtime.close();
      use();
    },
  },
  'within a call': {
    rule: 'allowed',
    reach({lua}, use) {
      lua.set('use', use);
      lua.eval('use()');
    },
  },
  'within a call in a coroutine': {
    rule: 'allowed',
    reach({lua}, use) {
      lua.set('use', use);
      lua.eval('local co = coroutine.wrap(function() coroutine.yield() use() end) co() co()');
    },
  },
  'within a call in a finalizer': {
    rule: 'allowed',
    reach({lua}, use) {
      let times = 0;
      lua.set('use', () => {
        times += 1;
        use();
      });
      lua.eval('setmetatable({}, {__gc = function() use() end}) collectgarbage() use = nil');
      expect(times).toBe(1);
    },
  },
  'within a call that is closed': {
    rule: 'blocked',
    reach({lua}, use) {
      lua.set('use', () => {
        lua.close();
        use();
      });
      expect(() => lua.eval('use() return "not reached"')).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
    },
  },
  'after a call that took too long': {
    rule: 'allowed',
    reach({lua}, use) {
      expect(() => lua.eval('while true do end', {timeoutMs: 5})).toThrow(expect.objectContaining({code: 'E_TIMEOUT'}));
      use();
    },
  },
  'after a call that failed': {
    rule: 'allowed',
    reach({lua}, use) {
      expect(() => lua.eval('error("x")')).toThrow(expect.objectContaining({code: 'E_LUA'}));
      use();
    },
  },
  'after os.exit': {
    rule: 'allowed',
    reach({lua}, use) {
      expect(() => lua.eval('os.exit(0)')).toThrow(expect.objectContaining({code: 'E_EXIT'}));
      use();
    },
  },
  'after a call that started goroutines': {
    rule: 'allowed',
    reach({lua}, use) {
      lua.eval('go.spawn(function() end)');
      use();
    },
  },
};

function outcomeOf(body: () => unknown): string {
  try {
    body();
    return 'allowed';
  } catch (error) {
    return error instanceof SlothError && error.code === 'E_CLOSED' ? 'blocked' : `failed: ${String(error)}`;
  }
}

describe.each(Object.entries(states))('an engine that is %s', (_name, {rule, reach}) => {
  it.each(Object.entries(operations))(`${rule === 'allowed' ? 'takes' : 'refuses'} %s`, async (_operation, perform) => {
    const runtime = new Runtime({workers: 1});
    const lua = new Lua({runtime});
    const [fn, table] = lua.eval(
      `function identity(x) return x end
       return identity, setmetatable({a = 1, method = function(self) return self.a end}, {})`,
    ) as [LuaCallable, LuaTable];
    let outcome = 'never performed';
    reach({lua, runtime, fn, table}, () => {
      outcome = outcomeOf(() => perform({lua, runtime, fn, table}));
    });
    expect(outcome).toBe(rule);
    lua.close();
    expect(lua.stats()).toMatchObject({memoryBytes: 0, goroutines: 0});
    await runtime.close();
  });
});

describe('what belongs to another engine', () => {
  it('is called and copied as any function and object', () => {
    const [one, other] = [new Lua(), new Lua()];
    one.set('double', other.eval('return function(x) return 2 * x end')[0]);
    expect(one.eval('return double(21)')).toEqual([42]);
    one.set('t', other.eval('return setmetatable({a = 1}, {})')[0]);
    expect(one.eval('return t.a')).toEqual([1]);
    expect(() => one.call(other.eval('return print')[0] as LuaCallable)).toThrow(
      /call takes a function of this engine/,
    );
    other.close();
    expect(() => one.eval('double(1)')).toThrow(
      expect.objectContaining({cause: expect.objectContaining({code: 'E_CLOSED'})}),
    );
    one.close();
  });

  it('may be called in the middle of a call', () => {
    const [one, other] = [new Lua(), new Lua()];
    one.set('ask', () => other.eval('return answer()')[0]);
    other.set('answer', () => one.eval('return 42')[0]);
    expect(one.eval('return ask()')).toEqual([42]);
    one.close();
    other.close();
  });
});

it('refuses what is no name, no function and no table of its own', () => {
  const lua = new Lua();
  expect(() => lua.get(1 as unknown as string)).toThrow(/has a string for its name/);
  expect(() => lua.set(undefined as unknown as string, 1)).toThrow(/has a string for its name/);
  expect(() => lua.call((() => 1) as LuaCallable)).toThrow(/a function of this engine/);
  expect(() => lua.length({} as LuaTable)).toThrow(/a table of this engine/);
  expect(() => new Lua({objects: 'all' as 'auto'})).toThrow(/objects must be one of auto, copy, reference/);
  lua.close();
});

it('lets go of what JavaScript has let go of', async () => {
  const lua = new Lua();
  lua.eval(
    'kept = 0 function make() kept = kept + 1 return setmetatable({}, {__gc = function() kept = kept - 1 end}) end',
  );
  for (let i = 0; i < 2000; i += 1) lua.call('make');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 50 && lua.stats().references > 10; round += 1) {
    gc();
    await new Promise(setImmediate);
  }
  lua.eval('collectgarbage() collectgarbage()');
  expect(lua.get('kept')).toBeLessThan(10);
  lua.close();
});
