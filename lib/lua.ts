import {SlothError} from './errors.js';
import {
  type CrossingOptions,
  checkLimits,
  type EvalOptions,
  type LuaOptions,
  objectRuleOf,
  runtimeOptionsOf,
} from './lua-options.js';
import type {LuaTable} from './lua-table.js';
import {engineCall, type ObjectRule} from './native/native-engine.js';
import {packValues} from './pack-values.js';
import {chunkNameOf, timeoutOf} from './run-requests.js';
import {coreOf, Runtime} from './runtime.js';
import {SyncEngine} from './sync-engine.js';
import {unpackValues} from './unpack-values.js';
import {type ValueOptions, type ValueRules, valueRules} from './value-options.js';

/** A Lua function of a synchronous engine: calling it calls Lua, and returns the first result. */
export type LuaCallable = (...args: unknown[]) => unknown;

/** What a synchronous engine uses now. */
export interface LuaStats {
  /** Bytes in its heap. */
  readonly memoryBytes: number;
  /** Goroutines that it started and that have not ended. */
  readonly goroutines: number;
  /** Functions and tables of Lua that JavaScript has. */
  readonly references: number;
}

/**
 * Lua on this thread: calls return when Lua is done, functions are called directly in both directions, and tables with
 * behaviour are objects. What would block raises; goroutines run in parallel, on a {@link Runtime}.
 *
 * It is not collected by itself: close it, or use `using`.
 *
 * @example
 * ```ts
 * const lua = new Lua();
 * lua.set('greet', (name: string) => `hello ${name}`);
 * console.log(lua.eval('return greet(...)', {args: ['world']})); // ['hello world']
 * lua.close();
 * ```
 */
export class Lua {
  readonly #engine: SyncEngine;
  readonly #ownRuntime: Runtime | undefined;
  readonly #rule: ObjectRule;

  /**
   * @throws SlothError `E_VALUE` for an option out of range, or one that belongs to the runtime that is given besides;
   * `E_CLOSED` when that runtime is closed.
   */
  constructor(options: LuaOptions = {}) {
    checkLimits(options);
    const runtimeOptions = runtimeOptionsOf(options);
    const {runtime, memoryLimitBytes, timeoutMs} = options;
    this.#rule = objectRuleOf(options, 'auto');
    const own = runtime ? undefined : new Runtime(runtimeOptions);
    this.#ownRuntime = own;
    const core = coreOf((runtime ?? own) as Runtime);
    this.#engine = new SyncEngine(core, valueRules(options, core.engines.border.rules), {
      objects: this.#rule,
      ...(memoryLimitBytes !== undefined && {memoryLimitBytes}),
      ...(timeoutMs !== undefined && {timeoutMs}),
    });
  }

  /**
   * Runs a chunk of Lua and returns all its results.
   *
   * @throws SlothError `E_LUA`, `E_SYNTAX`, `E_MEMORY`, `E_TIMEOUT`, `E_EXIT`; `E_CLOSED` when the engine is closed, meanwhile or before.
   * @throws ValueError `E_VALUE` for an argument that cannot cross.
   */
  eval<T extends readonly unknown[] = unknown[]>(source: string | Uint8Array, options: EvalOptions = {}): T {
    const {args = [], chunkName, timeoutMs} = options;
    const limit = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : timeoutOf(timeoutMs);
    return this.#run(engineCall.chunk, source, chunkNameOf(chunkName), args, limit, options) as unknown as T;
  }

  /**
   * Calls a function of this engine, or the global function of that name, and returns all its results.
   *
   * @throws SlothError as {@link Lua.eval}.
   */
  call<T extends readonly unknown[] = unknown[]>(fn: string | LuaCallable, ...args: unknown[]): T {
    if (typeof fn !== 'string' && !this.#isOwn(fn)) {
      throw new SlothError('E_VALUE', 'call takes a function of this engine, or the name of a global one');
    }
    return this.#engine.native.call(fn, ...args) as unknown as T;
  }

  /**
   * The value of a global variable; `undefined` where there is none.
   *
   * @throws SlothError as {@link Lua.eval}: a metatable of the globals may run Lua code.
   */
  get<T = unknown>(name: string, options?: CrossingOptions): T {
    checkName(name);
    if (!options) return this.#engine.native.operate(engineCall.getGlobal, name) as T;
    return this.#run(engineCall.getGlobal, name, '', [], -1, options)[0] as T;
  }

  /**
   * Gives a global variable a value.
   *
   * @throws ValueError `E_VALUE` for a value that cannot cross.
   * @throws SlothError as {@link Lua.get}.
   */
  set(name: string, value: unknown, options?: CrossingOptions): void {
    checkName(name);
    if (!options) this.#engine.native.operate(engineCall.setGlobal, name, value);
    else this.#run(engineCall.setGlobal, name, '', [value], -1, options);
  }

  /** The table of all global variables, by reference. */
  get globals(): LuaTable {
    return this.eval('return _G', {objects: 'reference'})[0] as LuaTable;
  }

  /** What `#` says of a table or userdata that is here by reference. */
  length(table: LuaTable): number {
    if (!this.#isOwn(table)) throw new SlothError('E_VALUE', 'length takes a table of this engine, by reference');
    return this.#engine.native.operate(engineCall.length, table) as number;
  }

  /** What it uses now; zeros once it is closed. */
  stats(): LuaStats {
    const {memoryBytes, goroutines, known: references} = this.#engine.native.stats();
    return {memoryBytes, goroutines, references};
  }

  /** Whether it was closed, by {@link Lua.close} or with its runtime. */
  get closed(): boolean {
    return this.#engine.closed;
  }

  /**
   * Ends it: its heap goes, its goroutines are cancelled, and everything of it that JavaScript has throws `E_CLOSED` from now on.
   * Called by a host function, it ends what runs there. Closing again is quiet.
   */
  close(): void {
    if (this.#engine.closed) return;
    this.#engine.close();
    // Its threads end by themselves.
    void this.#ownRuntime?.close();
  }

  /** As {@link Lua.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #isOwn(value: unknown): value is object {
    const isReference = (typeof value === 'object' && value !== null) || typeof value === 'function';
    return isReference && this.#engine.border.local?.handleOf(value) !== undefined;
  }

  #run(
    kind: typeof engineCall.chunk | typeof engineCall.getGlobal | typeof engineCall.setGlobal,
    text: string | Uint8Array,
    chunkName: string,
    values: readonly unknown[],
    timeoutMs: number,
    options: CrossingOptions,
  ): unknown[] {
    const border = this.#borderOf(options);
    const {native} = this.#engine;
    const message = native.run(kind, text, chunkName, packValues(values, border), timeoutMs, options.objects);
    return unpackValues(message, border);
  }

  #borderOf(options: ValueOptions & CrossingOptions) {
    const {border} = this.#engine;
    const rules: ValueRules = valueRules(options, border.rules);
    const rule = objectRuleOf(options, this.#rule);
    if (rules === border.rules && rule === this.#rule) return border;
    return {...border, rules, local: this.#engine.localBorder(rule)};
  }
}

function checkName(name: unknown): void {
  if (typeof name !== 'string')
    throw new SlothError('E_VALUE', `a global variable has a string for its name, got ${typeof name}`);
}
