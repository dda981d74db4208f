import type {LuaReferenceEntry} from '../../lua-reference.js';
import {type LuaType, parseArguments, parseResults, plainTypes, type Slot} from '../../util/parse-signature.js';
import {isOurFunction, pageOf, type ReferencePage, spellingOf} from './catalogue.js';
import {constantsOf, type ModuleConstant} from './constants.js';
import {factsOf} from './facts.js';

// Library tables that can be called themselves, and as which function.
const callable: Readonly<Record<string, string>> = {go: 'go.spawn', exec: 'exec.run'};

/** Declarations of one page's own functions for lua-language-server; nothing in it runs. */
export function renderStubs(page: ReferencePage): string {
  const functions = page.functions.filter(isOurFunction);
  const methods = page.methods.filter(isOurFunction);
  const isGlobals = page.name === 'globals';
  const parts = ['---@meta', '-- Made from the registry of Lua functions by `npm run reference`.'];
  if (functions.length > 0 && !isGlobals && !extendsLua(page)) parts.push(libraryClass(page.name, functions));
  parts.push(...constantsOf(page.name).map(constantStub));
  parts.push(...functions.map((entry) => declaration(entry, isGlobals ? entry.name : spellingOf(entry))));
  if (methods.length > 0) parts.push(`---@class ${className(page.name)}\nlocal ${page.name}_methods = {}`);
  parts.push(...methods.map((entry) => declaration(entry, `${page.name}_methods:${entry.name}`)));
  return `${parts.join('\n\n')}\n`;
}

function constantStub({spelling, kind, text}: ModuleConstant): string {
  return kind === 'table' ? `${spelling} = {}` : `${spelling} = ${text}`;
}

// The language server knows Lua's own libraries, and `error`: ours only add to them.
function extendsLua(page: ReferencePage): boolean {
  return page.name === 'error' || page.functions.some((entry) => !isOurFunction(entry));
}

function libraryClass(name: string, functions: readonly LuaReferenceEntry[]): string {
  const call = functions.find((entry) => spellingOf(entry) === callable[name]);
  const overloads = call ? overloadLines(call, parseArguments(call.arguments)) : [];
  return [`---@class ${className(name)}lib`, ...overloads, `${name} = {}`].join('\n');
}

function declaration(entry: LuaReferenceEntry, callee: string): string {
  const [first = [], ...others] = parseArguments(entry.arguments);
  const told = factsOf(entry).filter(([word]) => !['arguments', 'returns', 'since'].includes(word));
  const lines = [
    entry.summary,
    '',
    ...told.map(([word, text]) => `- ${word}: ${text}`),
    ...first.map((slot) => `@param ${slot.name}${slot.optional ? '?' : ''} ${typeText(slot.type)}`),
    ...resultLines(entry),
  ].map((line) => `---${line}`);
  const names = first.map(({name}) => name).join(', ');
  return [...lines, ...overloadLines(entry, others), `function ${callee}(${names}) end`].join('\n');
}

function overloadLines(entry: LuaReferenceEntry, forms: readonly (readonly Slot[])[]): readonly string[] {
  const results = resultTypes(entry).map(({text, isRest}) => (isRest ? '...' : text));
  const returns = results.length > 0 ? `: ${results.join(', ')}` : '';
  return forms.map((slots) => `---@overload fun(${slots.map(fieldText).join(', ')})${returns}`);
}

function resultLines(entry: LuaReferenceEntry): readonly string[] {
  return resultTypes(entry).map(({text, name, isRest}) =>
    isRest ? `@return ${text} ...` : `@return ${text}${name ? ` ${name}` : ''}`,
  );
}

interface ResultType {
  readonly text: string;
  readonly name: string;
  readonly isRest: boolean;
}

// One type for each place in the results: whatever stands there in any of the lists.
function resultTypes(entry: LuaReferenceEntry): readonly ResultType[] {
  const lists = parseResults(entry.results);
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({length}, (_, place) => {
    const slots = lists.map((list) => slotAt(list, place));
    const types = slots.map((slot) => (slot ? typeText(slot.type, slot.optional) : 'nil'));
    return {
      text: unionText(types),
      name: slots.find((slot) => slot?.name && slot.name !== '...')?.name ?? '',
      isRest: place === length - 1 && slots.some((slot) => slot?.name === '...'),
    };
  });
}

function slotAt(list: readonly Slot[], place: number): Slot | undefined {
  const last = list.at(-1);
  return list[place] ?? (last?.name === '...' ? last : undefined);
}

function typeText(type: LuaType, optional = false): string {
  const text = plainTypeText(type);
  return optional ? unionText([text, 'nil']) : text;
}

function plainTypeText(type: LuaType): string {
  switch (type.kind) {
    case 'name':
      return plainTypes.includes(type.name) ? type.name : className(type.name);
    case 'word':
      return `"${type.word}"`;
    case 'list':
      return type.of.kind === 'union' ? `(${typeText(type.of)})[]` : `${typeText(type.of)}[]`;
    case 'record':
      return `{ ${type.fields.map(fieldText).join(', ')} }`;
    case 'union':
      return unionText(type.of.map((each) => typeText(each)));
  }
}

function unionText(types: readonly string[]): string {
  if (types.includes('any')) return 'any';
  const distinct = new Set(types);
  if (distinct.has('true') && distinct.has('false')) {
    distinct.delete('true');
    distinct.delete('false');
    distinct.add('boolean');
  }
  const order = (text: string) => Number(text === 'nil');
  return [...distinct].sort((a, b) => order(a) - order(b)).join('|');
}

function fieldText({name, optional, type}: Slot): string {
  return `${name}${optional ? '?' : ''}: ${typeText(type)}`;
}

function className(name: string): string {
  return `sloth.${name}`;
}

/** Pages with functions that language servers do not know by themselves. */
export function stubPages(pages: readonly ReferencePage[]): readonly ReferencePage[] {
  return pages.filter(({functions, methods}) => [...functions, ...methods].some(isOurFunction));
}

/** The kinds of handles, which are types in the registry's columns. */
export function handleKinds(entries: readonly LuaReferenceEntry[]): ReadonlySet<string> {
  return new Set(entries.filter(({module}) => module.endsWith('.method')).map(pageOf));
}
