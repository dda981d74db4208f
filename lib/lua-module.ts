import type {HostFunction} from './host-function.js';
import type {Sendable} from './sendable.js';

/** A tool of the host: it takes the params, whose shape is checked, and answers with one value. */
export type HostTool = (params: Sendable, signal: AbortSignal) => Sendable | Promise<Sendable>;

/** What is told about a function of a module; the reference, `sloth-runner docs` and the stubs for editors are made from it. */
export interface LuaFunctionFacts {
  readonly name: string;
  /** `name: type, name?: type, ...: type`, with `||` between forms of the call. What does not fit raises before it is called. */
  readonly arguments: string;
  /** Types in order, with or without names, and `|` between lists one of which comes back. */
  readonly results: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** The unit of durations among the arguments. Default: none. */
  readonly units?: 'ms' | 's' | undefined;
  /** When it raises. Default: never, but for wrong arguments. */
  readonly errors?: string | undefined;
  /** Whether other goroutines of the same island may run during the call. Default: `yes`. */
  readonly maySwitch?: 'no' | 'yes' | 'if it has to wait' | undefined;
  /** The version that brought it. */
  readonly since: string;
  /** A Lua program that shows it. */
  readonly example?: string | undefined;
  /** The permission it needs, as a flag without its dashes: `allow-exec`. Default: none. */
  readonly permission?: string | undefined;
}

/** A function of a module. */
export interface LuaModuleFunction extends LuaFunctionFacts {
  /** What it does; missing where the module's Lua part has it. */
  readonly run?: HostFunction | undefined;
  /** It calls functions among its arguments. Default: false. */
  readonly callsArguments?: boolean | undefined;
  /** Its results depend on its arguments alone. Default: false. */
  readonly pure?: boolean | undefined;
  /** It stores into its first argument. Default: false. */
  readonly storesIntoArguments?: boolean | undefined;
  /** What it returns may contain functions or tables that it was given. Default: false. */
  readonly passesOn?: boolean | undefined;
}

/** A method of objects that a module gives out. Its Lua part has the code. */
export interface LuaMethodFacts extends LuaFunctionFacts {
  /** The kind of object, as the page of the reference is called: `process`. */
  readonly of: string;
}

/**
 * A module for Lua programs: a global table, which `require` gives as well, on every island. Its table is made when code that
 * names it appears; until then it costs nothing.
 *
 * @example
 * ```ts
 * const clock: LuaModule = {
 *   name: 'clock',
 *   functions: [{name: 'now', arguments: '', results: 'ms: number', summary: 'Tells the time.', since: '1.0', run: () => Date.now()}],
 * };
 * const runtime = new Runtime({modules: [clock]});
 * const [ms] = await runtime.run('return clock.now()');
 * ```
 */
export interface LuaModule {
  /** The global and what `require` takes. The name of a library of Lua (`math`) adds functions to that. */
  readonly name: string;
  readonly functions: readonly LuaModuleFunction[];
  /** Methods of the objects it gives out, for the reference. */
  readonly methods?: readonly LuaMethodFacts[] | undefined;
  /** The function that a call of the module itself is: `exec(...)` for `exec.run(...)`. */
  readonly call?: string | undefined;
  /** Other fields: numbers, strings, and tables of them. */
  readonly constants?: Readonly<Record<string, Sendable>> | undefined;
  /**
   * Lua source of the functions without `run`. It is called with `library(name)`, which gives a function of a library
   * (`"table.concat"`), `host(name)`, which gives one of {@link LuaModule.host} or with `run`, and `class(name)`, which gives a table
   * that may be the metatable of what the module gives out; it has no globals, and returns a table of its functions, with
   * `__call` for {@link LuaModule.call}.
   */
  readonly lua?: string | undefined;
  /** Functions for the Lua part alone. */
  readonly host?: Readonly<Record<string, HostFunction>> | undefined;
  /** Takes functions of the host that programs find by name: {@link Runtime.defineTool}. */
  defineTool?(name: string, schema: Sendable, run: HostTool): Promise<void>;
  /** Called once the runtime is closed: lets go of what the module holds. */
  close?(): void | Promise<void>;
}
