import {describe, expect, it} from 'vitest';
import {isOurFunction, spellingOf} from '../../lib/cli/reference/catalogue.js';
import {handleKinds} from '../../lib/cli/reference/render-stubs.js';
import {type LuaReferenceEntry, luaReference} from '../../lib/lua-reference.js';
import {type LuaType, parseArguments, parseResults, plainTypes} from '../../lib/util/parse-signature.js';
import {runScript, valuesOf} from './script.js';

const entries = luaReference();
const kinds = handleKinds(entries);

/** How to come by a handle of each kind. */
const makers: Readonly<Record<string, string>> = {
  atomic_int: 'goroutine.atomic_int()',
  broadcaster: 'goroutine.broadcaster()',
  barrier: 'goroutine.barrier(1)',
  channel: 'channel.make()',
  cond: 'goroutine.cond()',
  context: 'goroutine.context()',
  errgroup: 'goroutine.errgroup()',
  file: 'io.stdout',
  goroutine: 'goroutine.async(function() end)',
  latch: 'goroutine.latch(1)',
  mutex: 'goroutine.mutex()',
  once: 'goroutine.once()',
  rwmutex: 'goroutine.rwmutex()',
  semaphore: 'goroutine.semaphore(1)',
  wait_group: 'goroutine.wait_group()',
};

function namesIn(module: string): string[] {
  return entries.filter((entry) => entry.module === module).map(({name}) => name);
}

/** The names of the functions in a table, as Lua sees them. */
async function functionsIn(expression: string): Promise<unknown> {
  const source = `local names = {}
    for name, value in pairs(${expression}) do
      if type(value) == "function" and name:sub(1, 2) ~= "__" then names[#names + 1] = name end
    end
    return names`;
  const [names] = await valuesOf(source);
  return (names as string[]).sort();
}

describe('the registry has the functions that there are', () => {
  const libraries = [...new Set(entries.map(({module}) => module))].filter((module) => !module.endsWith('.method'));

  it.each(libraries)('in %s', async (library) => {
    expect(await functionsIn(library === '_G' ? '_G' : `require("${library}")`)).toEqual(namesIn(library).sort());
  });

  it.each([...kinds])('on handles: %s', async (kind) => {
    expect(makers).toHaveProperty(kind);
    const methods = await functionsIn(`debug.getmetatable(${makers[kind]}).__index`);
    expect(methods).toEqual(namesIn(`${kind}.method`).sort());
  });

  it('in every library that a program finds loaded', async () => {
    const [names] = await valuesOf(
      'local names = {} for name in pairs(package.loaded) do names[#names + 1] = name end return names',
    );
    for (const name of names as string[]) expect(libraries).toContain(name);
  });

  it('once each', () => {
    const keys = entries.map(({module, name}) => `${module}.${name}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});

describe('the columns', () => {
  const ours = entries.filter(isOurFunction);

  it('are in the grammar, with types that there are', () => {
    const wrong = entries.flatMap((entry) => {
      const slots = [...parseArguments(entry.arguments), ...parseResults(entry.results)].flat();
      const types = slots.flatMap(({type}) => typeNames(type));
      return types
        .filter((name) => !plainTypes.includes(name) && !kinds.has(name))
        .map((name) => [spellingOf(entry), name]);
    });
    expect(wrong).toEqual([]);
  });

  it('say in one sentence what each function of ours does', () => {
    const wrong = ours.filter(({summary}) => !/^[A-Z`].*\.$/.test(summary));
    expect(wrong.map(spellingOf)).toEqual([]);
  });

  it('say the unit of every duration', () => {
    const wrong = ours.filter((entry) => takesDuration(entry) !== (entry.units !== ''));
    // What answers with a time, or takes a point in time, has a unit too.
    expect(wrong.map(spellingOf)).toEqual(['goroutine.now', 'context:with_deadline', 'context:deadline']);
  });
});

function takesDuration(entry: LuaReferenceEntry): boolean {
  return parseArguments(entry.arguments).some((slots) =>
    slots.some(({name}) => name === 'timeout' || name === 'duration'),
  );
}

function typeNames(type: LuaType): readonly string[] {
  switch (type.kind) {
    case 'name':
      return [type.name];
    case 'word':
      return [];
    case 'list':
      return typeNames(type.of);
    case 'record':
      return type.fields.flatMap((field) => typeNames(field.type));
    case 'union':
      return type.of.flatMap(typeNames);
  }
}

describe('the examples', () => {
  const examples = entries.filter(({example}) => example !== '');

  it.each(examples)('run, and print what they say: $module $name', async ({example}) => {
    const {kind, message, stdout, stderr} = await runScript(example);
    expect({kind, message, stderr}).toEqual({kind: 'succeeded', message: undefined, stderr: ''});
    const promised = [...example.matchAll(/--> (.*)$/gm)].map(([, text]) => text);
    const printed = stdout.replaceAll('\t', ' ').trimEnd().split('\n');
    expect(printed).toEqual(expect.arrayContaining(promised));
    expect(printed).not.toEqual(['']);
  });
});
