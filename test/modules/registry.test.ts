import {describe, expect, it} from 'vitest';
import {spellingOf} from '../../lib/cli/reference/catalogue.js';
import {handleKinds} from '../../lib/cli/reference/render-stubs.js';
import {luaReference} from '../../lib/lua-reference.js';
import {declarations} from '../../lib/modules/declarations.js';
import {moduleReference} from '../../lib/modules/module-reference.js';
import {Permissions} from '../../lib/modules/permissions.js';
import {ServicesOfRuntime} from '../../lib/modules/services.js';
import {type LuaType, parseArguments, parseResults, plainTypes} from '../../lib/util/parse-signature.js';
import {runWithModules, valuesWithModules} from './module-script.js';

const entries = moduleReference();
const kinds = handleKinds([...luaReference(), ...entries]);

describe('the declarations of the modules', () => {
  it('are in alphabetical order', () => {
    const names = declarations.map(({name}) => name);
    expect(names).toEqual([...names].sort());
  });

  it('are in the grammar, with types that there are', () => {
    const wrong = entries.flatMap((entry) => {
      const slots = [...parseArguments(entry.arguments), ...parseResults(entry.results)].flat();
      const names = slots.flatMap(({type}) => typeNames(type));
      return names
        .filter((name) => !plainTypes.includes(name) && !kinds.has(name))
        .map((name) => [spellingOf(entry), name]);
    });
    expect(wrong).toEqual([]);
  });

  it('say in one sentence what each function does', () => {
    expect(entries.filter(({summary}) => !/^[A-Z`].*\.$/.test(summary)).map(spellingOf)).toEqual([]);
  });

  it('say the unit of every duration', () => {
    const takesDuration = (text: string) =>
      parseArguments(text).some((slots) => slots.some(({name}) => name === 'timeout' || name === 'duration'));
    const wrong = entries.filter((entry) => takesDuration(entry.arguments) && entry.units === '');
    expect(wrong.map(spellingOf)).toEqual([]);
  });

  it.each(declarations)('have code for every function: $name', async ({functions, internals = [], load}) => {
    const services = new ServicesOfRuntime(Permissions.all(), {stateFile: ':memory:'});
    const code = (await load?.())?.create(services) ?? {};
    const ofHost = [...functions.filter(({inLua}) => !inLua).map((fn) => fn.name), ...internals];
    expect(Object.keys(code).sort()).toEqual(ofHost.sort());
    await services.close();
  });
});

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

describe('the examples of the modules', () => {
  const examples = entries.filter(({example}) => example !== '');

  it.each(examples)('run, and print what they say: $module $name', async ({example}) => {
    const {kind, message, stdout, stderr} = await runWithModules(example);
    expect({kind, message, stderr}).toEqual({kind: 'succeeded', message: undefined, stderr: ''});
    const promised = [...example.matchAll(/--> (.*)$/gm)].map(([, text]) => text);
    const printed = stdout.replaceAll('\t', ' ').trimEnd().split('\n');
    expect(printed).toEqual(expect.arrayContaining(promised));
  });
});

it('a module that a program preloads under the name of one of these is the one that its goroutines get', async () => {
  const source = `
    package.preload.http = function() return {get = function() return 'stub' end} end
    return goroutine.await(goroutine.async(function() return require('http').get('x') end))`;
  expect(await valuesWithModules(source)).toEqual([true, 'stub']);
});
