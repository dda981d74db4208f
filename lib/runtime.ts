import type {Channel} from './channel.js';
import type {WaitOptions} from './host-operations.js';
import {LuaFunction} from './lua-function.js';
import type {HostTool} from './lua-module.js';
import {bindingOption, type NativeBinding, nativeBinding} from './native/binding.js';
import type {OutputTarget} from './output-sink.js';
import type {ResourceLimits} from './resource-limits.js';
import type {Run} from './run.js';
import type {LoadOptions, RunOptions} from './run-options.js';
import {RuntimeCore} from './runtime-core.js';
import {nativeOptions, type RuntimeOptions} from './runtime-options.js';
import type {RuntimeStats} from './runtime-stats.js';
import type {Sendable} from './sendable.js';
import {readScript} from './util/read-script.js';
import {valueRules} from './value-options.js';
import type {WaitGroup} from './wait-group.js';

/** How long {@link Runtime.close} waits. */
export interface CloseOptions {
  /** Time for goroutines to unwind, in ms; then they are left behind. Default: 5000. */
  readonly deadlineMs?: number | undefined;
}

/** The inner part of a runtime, for what is built on it. */
export let coreOf: (runtime: Runtime) => RuntimeCore;

/**
 * One isolated world of Lua: its workers and everything that runs on them. It keeps the process alive while a run is
 * live, not while it is idle.
 *
 * @example
 * ```ts
 * const runtime = new Runtime({workers: 4});
 * const [sum] = await runtime.run('local n = ... local s = 0 for i = 1, n do s = s + i end return s', {args: [100]});
 * console.log(sum); // 5050
 * await runtime.close();
 * ```
 */
export class Runtime {
  readonly #core: RuntimeCore;

  static {
    coreOf = (runtime) => runtime.#core;
  }

  /** @throws SlothError `E_VALUE` for an option out of range, `E_FILE` when the file of a trace cannot be written. */
  constructor(options: RuntimeOptions = {}) {
    const {[bindingOption]: binding = nativeBinding()} = options as {[bindingOption]?: NativeBinding};
    const {stdout, stderr, onBrokenOutput, onUnhandledError, modules, resolveModule, timeoutMs} = options;
    this.#core = new RuntimeCore(
      binding,
      nativeOptions(options, () => binding.luaFunctions()),
      {
        stdout,
        stderr,
        broken: onBrokenOutput,
        unhandled: onUnhandledError,
        modules,
        resolveModule,
        timeoutMs,
        hasManualClock: options.clock === 'manual',
        values: valueRules(options),
        runtime: this,
      },
    );
  }

  /**
   * Runs a chunk of Lua and resolves to what it returns, once the goroutines it started have ended too.
   *
   * @throws SlothError as {@link Run.result} says; `E_VALUE` for an argument that cannot cross, `E_CLOSED` after `close`.
   */
  async run<T extends readonly unknown[] = Sendable[]>(
    source: string | Uint8Array,
    options: RunOptions = {},
  ): Promise<T> {
    return this.start(source, options).result as Promise<unknown> as Promise<T>;
  }

  /**
   * Runs a file; a `.sloth` file gets the dialect of task files, though not their globals. A byte order mark and a
   * first line that starts with `#` are skipped. Lua's `arg` is set from `args`, as `lua` does.
   *
   * @throws SlothError as {@link Runtime.run} says; `E_FILE` when the file is missing, a directory, or compiled Lua.
   */
  async runFile<T extends readonly unknown[] = Sendable[]>(path: string, options: RunOptions = {}): Promise<T> {
    const {source, chunkName, dialect} = await readScript(path, options.signal);
    const scriptArg = [path, ...(options.args ?? []).map(String)];
    return this.run<T>(source, {scriptArg, ...options, chunkName, dialect});
  }

  /**
   * Starts a chunk of Lua and returns its {@link Run}.
   *
   * @throws SlothError `E_VALUE` for an argument that cannot cross, `E_CLOSED` after `close`.
   */
  start(source: string | Uint8Array, options: RunOptions = {}): Run {
    return this.#core.startChunk(source, options);
  }

  /**
   * Compiles a chunk once; each call of the function it resolves to is a fresh goroutine. Its globals live on one island:
   * calls that only read what they captured run parallel, the others take turns there.
   *
   * @example
   * ```ts
   * const add = await runtime.load('local a, b = ... return a + b');
   * console.log(await add.call(3, 4)); // [7]
   * ```
   *
   * @throws SlothError `E_SYNTAX` when it does not parse, `E_TIMEOUT`, `E_ABORTED`, `E_CLOSED` after `close`.
   */
  async load(source: string | Uint8Array, options: LoadOptions & WaitOptions = {}): Promise<LuaFunction> {
    const [fn] = await this.#core.startLoad(source, options).result;
    if (!(fn instanceof LuaFunction)) throw new Error('loading a chunk gave no function');
    return fn;
  }

  /**
   * Starts a Lua function, or a chunk of Lua, with these arguments and returns its {@link Run}: a goroutine with all that
   * it starts.
   *
   * @throws SlothError `E_VALUE` for an argument that cannot cross, `E_CLOSED` after `close` or for a released function.
   */
  spawn(body: LuaFunction | string | Uint8Array, ...args: Sendable[]): Run {
    return body instanceof LuaFunction ? this.#core.startCall(body, {args}) : this.start(body, {args});
  }

  /**
   * Makes `require(name)` return a table of these functions and values, on every island, from the next `require` on.
   * Defining a module again replaces it for islands that have not loaded it yet.
   *
   * @example
   * ```ts
   * runtime.defineModule('clock', {now: () => Date.now()});
   * const [ms] = await runtime.run('return require("clock").now()');
   * ```
   *
   * @throws SlothError `E_VALUE` for a value that cannot cross or a name that is empty, `E_CLOSED` after `close`.
   */
  defineModule(name: string, fields: Readonly<Record<string, Sendable>>): void {
    this.#core.defineModule(name, fields);
  }

  /**
   * Makes a function a tool that programs run by name, with `tools.execute(name, params)`. `params` is checked against the
   * JSON Schema; the function is given it and a signal that aborts when nobody waits for the answer. The same name again replaces
   * the tool. It needs the module `tools` among {@link RuntimeOptions.modules}.
   *
   * @example
   * ```ts
   * const runtime = new Runtime({modules: standardModules()});
   * const schema = {type: 'object', properties: {city: {type: 'string'}}, required: ['city']};
   * await runtime.defineTool('weather', schema, async ({city}) => `sunny in ${city}`);
   * ```
   *
   * @throws SlothError `E_VALUE` when no module takes tools; TypeError for a name or schema that is none.
   */
  defineTool(name: string, schema: Sendable, run: HostTool): Promise<void> {
    return this.#core.defineTool(name, schema, run);
  }

  /**
   * Gives every chunk that starts from now on a global variable; `undefined` takes it back. {@link RunOptions.globals}
   * come before it.
   *
   * @throws SlothError `E_VALUE` for a value that cannot cross, `E_CLOSED` after `close`.
   */
  setGlobal(name: string, value: Sendable): void {
    this.#core.setGlobal(name, value);
  }

  /**
   * Makes a channel that JavaScript and Lua share; pass it as an argument. Without capacity, a sender waits for its receiver.
   *
   * @throws SlothError `E_VALUE` for a capacity that is no integer from 0 to 2^24.
   */
  channel<T = Sendable>(capacity = 0): Channel<T> {
    return this.#core.makeChannel(capacity) as Channel<unknown> as Channel<T>;
  }

  /** Makes a wait group that JavaScript and Lua share; pass it as an argument. */
  waitGroup(): WaitGroup {
    return this.#core.makeWaitGroup();
  }

  /**
   * Gives the output of scripts to others from now on, also where it was the process's own streams. What is written while this is
   * called may go either way.
   *
   * @example
   * ```ts
   * const runtime = new Runtime();
   * const lines: string[] = [];
   * const collect = (text: string | Uint8Array) => lines.push(String(text));
   * runtime.divertOutput({stdout: collect, stderr: collect});
   * ```
   */
  divertOutput(targets: {readonly stdout: OutputTarget; readonly stderr: OutputTarget}): void {
    this.#core.output.divert(targets);
  }

  /** How much a closed runtime recorded: what is in the file of its trace, and how much older there was no room for. */
  get traced(): {readonly events: number; readonly dropped: number} {
    const {events, dropped} = this.#core.traceSummary();
    return {events, dropped};
  }

  /**
   * Limits what all islands together may use, from now on; what is missing stays as it is, and `Infinity` lifts a limit. What they hold already stays
   * theirs. There are never more workers than the runtime was made with, and with a virtual clock there is always one.
   *
   * @example
   * ```ts
   * runtime.limit({memoryBytes: 512 * 1024 * 1024, workers: 2});
   * ```
   *
   * @throws SlothError `E_VALUE` for a limit that is no positive integer, `E_CLOSED` after `close`.
   */
  limit(limits: ResourceLimits): void {
    this.#core.limit(limits);
  }

  /** Live counts of the scheduler and of the border to JavaScript. */
  stats(): RuntimeStats {
    return this.#core.stats();
  }

  /**
   * Every live goroutine as text, in order of their ids: what it does or waits for, and since when; its island; where it
   * stands; where it was started; whether it leaks. Goroutines that compute are stopped for a moment; one that does not
   * stop within 100 ms is said to be running.
   *
   * @throws SlothError `E_CLOSED` after `close`.
   */
  dump(): Promise<string> {
    return this.#core.dump();
  }

  /**
   * Refuses new runs, cancels the live ones, and resolves when everything has ended or the deadline is over. Closing
   * again joins the first.
   *
   * @throws SlothError `E_FILE` when everything is closed but the trace could not be written completely.
   */
  close({deadlineMs = 5000}: CloseOptions = {}): Promise<void> {
    return this.#core.close(deadlineMs);
  }

  /**
   * Lets time pass on a manual clock, and resolves when every timer within it has fired, in order, and every goroutine waits
   * again. While a host function is out time stands still.
   *
   * @throws SlothError `E_VALUE` for a clock that is not manual or a time that is none, `E_CLOSED` when the runtime is closed.
   */
  advance(ms: number): Promise<void> {
    return this.#core.advance(ms);
  }

  /** Keeps the process alive even while nothing runs. */
  ref(): this {
    this.#core.keepAlive('always');
    return this;
  }

  /** Lets the process end even while something runs; what runs then is cut off. */
  unref(): this {
    this.#core.keepAlive('never');
    return this;
  }

  /** As {@link Runtime.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
