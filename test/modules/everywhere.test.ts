import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {HostFunction} from '../../lib/host-function.js';
import type {LuaModule} from '../../lib/lua-module.js';
import {declarations} from '../../lib/modules/declarations.js';
import {parseArguments} from '../../lib/util/parse-signature.js';
import {runWithModules} from './module-script.js';

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'everywhere-'));
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, {recursive: true});
});

const functions = declarations.flatMap(({name: module, functions}) =>
  functions.map((entry) => ({...entry, called: `${module}.${entry.name}`})),
);

// What is called where the declaration has no example, as it would warn of what is not configured.
const otherwise: Readonly<Record<string, string>> = {
  'notifications.send': 'notifications.send{message = "it is out"}',
};
const shown = functions.map((entry) => ({...entry, example: entry.example ?? otherwise[entry.called]}));

/** How many calls of the host, from the first on, are held in turn. */
const mostHeld = 4;

/**
 * A program that runs an example in a goroutine, and cancels that while one of the calls which anybody makes of the host is held:
 * it is answered by nothing but its being abandoned, or when that goroutine has ended.
 */
function heldAt(number: number, example: string) {
  let calls = 0;
  let tell: (isHeld: boolean) => void = () => {};
  const told = new Promise<boolean>((resolve) => {
    tell = resolve;
  });
  let wasHeld = false;
  let letGo: () => void = () => {};
  const holding = (run: HostFunction): HostFunction =>
    function (...args) {
      calls += 1;
      if (calls !== number) return run.apply(this, args);
      wasHeld = true;
      tell(true);
      return new Promise((resolve, reject) => {
        this.signal.addEventListener('abort', () => reject(this.signal.reason));
        letGo = () => resolve(undefined);
      });
    };
  const modules = (made: readonly LuaModule[]): readonly LuaModule[] => [
    ...made.map((module) => ({
      ...module,
      functions: module.functions.map((fn) => (fn.run ? {...fn, run: holding(fn.run)} : fn)),
      host: Object.fromEntries(Object.entries(module.host ?? {}).map(([name, run]) => [name, holding(run)])),
    })),
    {
      name: 'holding',
      functions: [
        {name: 'is_held', arguments: '', results: 'boolean', summary: '', since: '', run: () => told},
        {name: 'finished', arguments: '', results: '', summary: '', since: '', run: () => tell(false)},
        {name: 'let_go', arguments: '', results: '', summary: '', since: '', run: () => letGo()},
      ],
    },
  ];
  const source = `
    local print = function() end
    local handle = goroutine.spawn(function()
      pcall(function()
        ${example}
      end)
      holding.finished()
    end)
    if not holding.is_held() then return end
    handle:cancel()
    handle:await(20000)
    local status = handle:status()
    -- What is held may be the call of a goroutine that only serves it.
    if status ~= "cancelled" and status ~= "done" then error("it goes on: " .. status, 0) end
    holding.let_go()`;
  return {source, modules, wasHeld: () => wasHeld};
}

test('every function is called', () => {
  expect(shown.filter(({example}) => example === undefined).map(({called}) => called)).toEqual([]);
});

describe.each(shown)('$called', ({called, example = '', arguments: signature}) => {
  test('works in a hundred goroutines at once', async () => {
    const ended = await runWithModules(`
      local print, handles = function() end, {}
      for i = 1, 100 do
        handles[i] = goroutine.spawn(function()
          ${example}
        end)
      end
      for i, result in ipairs(goroutine.await_all(handles)) do
        if not result.success then error("goroutine " .. i .. ": " .. tostring(result.error), 0) end
      end`);
    expect({kind: ended.kind, message: ended.message}).toEqual({kind: 'succeeded', message: undefined});
  }, 60_000);

  test('ends when it is cancelled, wherever it is', async () => {
    const ended = await runWithModules(`
      local print = function() end
      for round = 0, 3 do
        local handle = goroutine.spawn(function()
          ${example}
        end)
        if round > 0 then goroutine.sleep(round - 1) end
        handle:cancel()
        handle:await(20000)
        local status = handle:status()
        if status ~= "cancelled" and status ~= "done" and status ~= "failed" then error("it goes on: " .. status, 0) end
      end`);
    expect({kind: ended.kind, message: ended.message}).toEqual({kind: 'succeeded', message: undefined});
  }, 60_000);

  test('ends when it is cancelled in the middle of what it asks the host for', async () => {
    for (let held = 1; held <= mostHeld; held += 1) {
      const {source, modules, wasHeld} = heldAt(held, example);
      const ended = await runWithModules(source, {modules});
      expect({held, kind: ended.kind, message: ended.message}).toEqual({held, kind: 'succeeded', message: undefined});
      if (!wasHeld()) break;
    }
  }, 60_000);

  const [first] = parseArguments(signature)[0] ?? [];
  const takesAnything =
    first === undefined || first.optional || first.name === '...' || /any|thread/.test(JSON.stringify(first.type));
  test.skipIf(takesAnything)('names itself and its argument when that is of a wrong type', async () => {
    const ended = await runWithModules(`return select(2, pcall(${called}, coroutine.create(print)))`);
    expect(ended.values?.[0]).toMatch(new RegExp(`bad argument #1 to '${called.replace('.', '\\.')}'`));
  });
});
