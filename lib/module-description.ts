import {SlothError} from './errors.js';
import type {HostFunction} from './host-function.js';
import type {LuaModule, LuaModuleFunction} from './lua-module.js';
import type {NativeModule} from './native/binding.js';
import type {PackedValues} from './pack-values.js';
import type {Sendable} from './sendable.js';
import {type LuaType, parseArguments, type Slot} from './util/parse-signature.js';

/** What describing a module needs of a runtime. */
export interface ModuleBorder {
  /** Numbers a function of the host. */
  hold(fn: HostFunction): number;
  pack(fields: Readonly<Record<string, Sendable>>): PackedValues;
}

// 1 << LUA_T..., as lua.h numbers the types.
const bits = {
  nil: 1,
  boolean: 2,
  lightuserdata: 4,
  number: 8,
  string: 16,
  table: 32,
  function: 64,
  userdata: 128,
  thread: 256,
};
const whole = 1 << 16;
const everything = 511;

const typeBits: Readonly<Record<string, number>> = {
  any: everything,
  nil: bits.nil,
  boolean: bits.boolean,
  true: bits.boolean,
  false: bits.boolean,
  integer: bits.number | whole,
  number: bits.number,
  string: bits.string,
  table: bits.table,
  // Tables may be called, too.
  function: bits.function | bits.table,
  thread: bits.thread,
  userdata: bits.userdata,
};

/**
 * Turns a module into what the addon takes.
 *
 * @throws SlothError `E_VALUE` for a module that is none, naming it.
 */
export function describeModule(module: LuaModule, border: ModuleBorder): NativeModule {
  const {name, functions, call, constants = {}, lua = '', host = {}} = module;
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name)) {
    throw new SlothError('E_VALUE', `a module needs a name that Lua can write, got ${JSON.stringify(name)}`);
  }
  const names = new Set<string>();
  const rows: (string | number)[] = [];
  const add = (fn: string, run: HostFunction | undefined, flags: string, rules: string): void => {
    if (names.has(fn)) throw new SlothError('E_VALUE', `module ${name} has two functions '${fn}'`);
    names.add(fn);
    rows.push(fn, run ? border.hold(run) : 0, flags, rules);
  };
  for (const fn of functions) {
    if (!fn.run && lua === '') throw new SlothError('E_VALUE', `${name}.${fn.name} has neither 'run' nor a Lua part`);
    const rules = rulesOf(name, fn);
    add(fn.name, fn.run, flagsOf(fn), rules);
    if (fn.name === call) addCall(rows, fn, rules);
  }
  if (call !== undefined && !names.has(call))
    throw new SlothError('E_VALUE', `module ${name} has no function '${call}' to call`);
  for (const [fn, run] of Object.entries(host)) add(fn, run, 'i-', '');
  return {
    name,
    source: lua,
    functions: rows,
    constantNames: Object.keys(constants),
    ...(Object.keys(constants).length > 0 && {constants: border.pack(constants)}),
  };
}

// The call of the module's table is one more function, which only that knows.
function addCall(rows: (string | number)[], fn: LuaModuleFunction, rules: string): void {
  if (fn.run)
    throw new SlothError('E_VALUE', `'${fn.name}' stands for a call of its module: it must be in the Lua part`);
  rows.push('__call', 0, `c${flagsOf(fn)}`, rules);
}

function flagsOf({callsArguments, storesIntoArguments, passesOn, pure}: LuaModuleFunction): string {
  return `${callsArguments ? 'f' : ''}${storesIntoArguments ? 's' : ''}${passesOn ? 'p' : ''}${pure ? 'u' : ''}`;
}

/** What may stand at each place, a line each; of several forms, what any of them allows. */
function rulesOf(module: string, fn: LuaModuleFunction): string {
  let forms: readonly (readonly Slot[])[];
  try {
    forms = parseArguments(fn.arguments);
  } catch (cause) {
    throw new SlothError('E_VALUE', `the arguments of ${module}.${fn.name} are not in the grammar`, {cause});
  }
  const length = Math.max(...forms.map((slots) => slots.length));
  const lines: string[] = [];
  for (let place = 0; place < length; place += 1) lines.push(ruleAt(forms, place));
  return lines.join('\n');
}

function ruleAt(forms: readonly (readonly Slot[])[], place: number): string {
  const slots = forms.map((form) => form[place] ?? (form.at(-1)?.name === '...' ? form.at(-1) : undefined));
  const types = [...new Set(slots.flatMap((slot) => (slot ? alternatives(slot.type) : [])))];
  const mask = types.reduce((sum, type) => sum | bitsOf(type), 0);
  // A number that need not be whole in one form.
  const mustBeWhole = types.every((type) => (bitsOf(type) & bits.number) === 0 || (bitsOf(type) & whole) !== 0);
  const isRest = slots.some((slot) => slot?.name === '...');
  const optional = slots.some((slot) => slot === undefined || slot.optional);
  const expected = [...new Set(types.map(wordFor))].join(' or ');
  return `${mustBeWhole ? mask : mask & ~whole}${isRest ? '*' : optional ? '?' : '!'} ${expected}`;
}

function alternatives(type: LuaType): readonly LuaType[] {
  return type.kind === 'union' ? type.of.flatMap(alternatives) : [type];
}

function bitsOf(type: LuaType): number {
  switch (type.kind) {
    case 'name':
      // Kinds of handles, and objects of modules, which are tables.
      return typeBits[type.name] ?? bits.userdata | bits.table;
    case 'word':
      return bits.string;
    case 'list':
    case 'record':
      return bits.table;
    case 'union':
      return type.of.reduce((sum, each) => sum | bitsOf(each), 0);
  }
}

function wordFor(type: LuaType): string {
  switch (type.kind) {
    case 'name':
      return type.name === 'any' ? 'value' : type.name;
    case 'word':
      return `'${type.word}'`;
    case 'list':
      return 'list';
    case 'record':
      return 'table';
    case 'union':
      return type.of.map(wordFor).join(' or ');
  }
}
