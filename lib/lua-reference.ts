import {nativeBinding} from './native/binding.js';

/** What the runtime knows about one function that Lua programs can call. */
export interface LuaReferenceEntry {
  /** The library table (`channel`, `string`), `_G` for globals, or `<kind>.method` for a method of a kind of handle. */
  readonly module: string;
  readonly name: string;
  /** `name: type, name?: type, ...: type`, with `||` between forms of the call; empty for Lua's own. */
  readonly arguments: string;
  /** Types in order, with or without names, and `|` between lists one of which comes back; empty for Lua's own. */
  readonly results: string;
  /** The unit of durations among the arguments, or empty. */
  readonly units: 'ms' | 's' | '';
  /** When it raises, or empty. */
  readonly errors: string;
  /** Whether other goroutines of the same island may run during the call. */
  readonly maySwitch: 'no' | 'yes' | 'if it has to wait';
  /** The version that brought it; empty for Lua's own, which Lua's manual describes. */
  readonly since: string;
  /** What it does in one sentence; empty for Lua's own. */
  readonly summary: string;
  /** A Lua program that shows it, or empty. */
  readonly example: string;
  /** Of a module's function: the permission it needs, as a flag without its dashes. */
  readonly permission?: string;
}

/**
 * All functions that Lua programs can call, Lua's own included, in a fixed order.
 *
 * @example
 * ```ts
 * console.log(luaReference().find(({module, name}) => module === 'channel' && name === 'make')?.summary);
 * ```
 */
export function luaReference(): readonly LuaReferenceEntry[] {
  return nativeBinding().luaFunctions();
}
