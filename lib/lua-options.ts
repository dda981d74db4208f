import {SlothError} from './errors.js';
import type {ObjectRule} from './native/native-engine.js';
import type {RunOptions} from './run-options.js';
import type {Runtime} from './runtime.js';
import type {RuntimeOptions} from './runtime-options.js';
import type {ValueOptions} from './value-options.js';

/** What crosses between Lua and JavaScript by reference. */
export interface ObjectOptions {
  /**
   * `auto`: data is copied; what a copy would take the life out of is referred to. In Lua that is a table that has a metatable (but
   * for marks) or holds functions, coroutines or userdata, unless it is a list; in JavaScript an instance of a class.
   * `copy`: tables and objects are always copied; what cannot be copied is refused. `reference`: no table and no object is
   * copied. Default: `auto`.
   */
  readonly objects?: 'auto' | 'copy' | 'reference' | undefined;
}

/** The options of a runtime that an engine without one passes on to its own. */
type OwnRuntimeOptions = Pick<
  RuntimeOptions,
  | 'workers'
  | 'seed'
  | 'graceMs'
  | 'maxGoroutines'
  | 'sandbox'
  | 'modules'
  | 'modulePaths'
  | 'resolveModule'
  | 'stdout'
  | 'stderr'
  | 'logLevel'
  | 'onUnhandledError'
  | 'onBrokenOutput'
>;

/** How a `Lua` is made. What belongs to a runtime comes from `runtime`, if one is given, and may not be given besides. */
export interface LuaOptions extends OwnRuntimeOptions, ValueOptions, ObjectOptions {
  /** Runs the goroutines that Lua code starts, and decides what scripts get. Default: one of its own, with one worker. */
  readonly runtime?: Runtime | undefined;
  /** What its heap may hold, in bytes. Default: as the islands of the runtime; no limit. */
  readonly memoryLimitBytes?: number | undefined;
  /** The time limit of each call from outside, in ms. Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** How {@link Lua.eval} runs a chunk. Its value options hold for the arguments and results of this call. */
export interface EvalOptions extends ValueOptions, ObjectOptions, Pick<RunOptions, 'args' | 'chunkName'> {
  /** The call is ended when it takes longer. Default: the engine's. */
  readonly timeoutMs?: number | undefined;
}

/** How one value crosses. */
export type CrossingOptions = ValueOptions & ObjectOptions;

const ownRuntimeOptions: readonly (keyof OwnRuntimeOptions)[] = [
  'workers',
  'seed',
  'graceMs',
  'maxGoroutines',
  'sandbox',
  'modules',
  'modulePaths',
  'resolveModule',
  'stdout',
  'stderr',
  'logLevel',
  'onUnhandledError',
  'onBrokenOutput',
];
const objectRules: readonly ObjectRule[] = ['auto', 'copy', 'reference'];

/** @throws SlothError `E_VALUE` when an option belongs to the runtime that is given besides. */
export function runtimeOptionsOf(options: LuaOptions): RuntimeOptions {
  const own: Record<string, unknown> = {workers: 1};
  for (const name of ownRuntimeOptions) {
    if (options[name] === undefined) continue;
    if (options.runtime) throw new SlothError('E_VALUE', `${name} belongs to the runtime: give it to new Runtime()`);
    own[name] = options[name];
  }
  return own;
}

/** @throws SlothError `E_VALUE` for a rule there is not. */
export function objectRuleOf(options: ObjectOptions, otherwise: ObjectRule): ObjectRule {
  const {objects = otherwise} = options;
  if (objectRules.includes(objects)) return objects;
  throw new SlothError('E_VALUE', `objects must be one of ${objectRules.join(', ')}, got ${String(objects)}`);
}

/** @throws SlothError `E_VALUE` for what is no limit. */
export function checkLimits({memoryLimitBytes, timeoutMs}: LuaOptions): void {
  if (memoryLimitBytes !== undefined && !(Number.isSafeInteger(memoryLimitBytes) && memoryLimitBytes > 0)) {
    throw new SlothError('E_VALUE', `memoryLimitBytes must be a positive integer, got ${String(memoryLimitBytes)}`);
  }
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new SlothError('E_VALUE', `timeoutMs must be a number of milliseconds, got ${String(timeoutMs)}`);
  }
}
