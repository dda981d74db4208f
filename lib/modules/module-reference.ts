import type {LuaFunctionFacts} from '../lua-module.js';
import type {LuaReferenceEntry} from '../lua-reference.js';
import {declarations} from './declarations.js';

/** All functions and methods of the modules, as `luaReference` tells those of the runtime. */
export function moduleReference(): readonly LuaReferenceEntry[] {
  return declarations.flatMap(({name, functions, methods = []}) => [
    ...functions.map((fn) => entryOf(name, fn)),
    ...methods.map((method) => entryOf(`${method.of}.method`, method)),
  ]);
}

function entryOf(module: string, facts: LuaFunctionFacts): LuaReferenceEntry {
  const {name, summary, since, units = '', errors = '', maySwitch = 'yes', example = '', permission} = facts;
  return {
    module,
    name,
    arguments: facts.arguments,
    results: facts.results,
    units,
    errors,
    maySwitch,
    since,
    summary,
    example,
    ...(permission !== undefined && {permission}),
  };
}
