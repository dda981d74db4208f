import {openSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {SlothError} from './errors.js';
import type {LuaModule} from './lua-module.js';
import type {NativeOptions} from './native/binding.js';
import type {OutputTarget} from './output-sink.js';
import {removedBy, type Sandbox, type SandboxEntry} from './sandbox.js';
import {textOf} from './util/text-of.js';
import type {ValueOptions} from './value-options.js';

const mostWorkers = 1024;
const clocks: readonly unknown[] = ['real', 'virtual', 'manual'];

/** Levels of the `log` module, the least severe first; `off` shows nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const;
/** One of `logLevels`: the least severe messages of Lua's `log` that are shown. */
export type LogLevel = (typeof logLevels)[number];

/** An error of a goroutine that nobody awaited. */
export interface UnhandledError {
  /** The run it belongs to, as {@link Run.id}. */
  readonly runId: number;
  /** As `goroutine.id()` in Lua. */
  readonly goroutineId: number;
  readonly message: string;
  readonly luaTraceback: string;
  /** Where it was started: `file.lua:12`, or empty when the host started it. */
  readonly spawnSite: string;
}

/** How a {@link Runtime} is made. */
export interface RuntimeOptions extends ValueOptions {
  /** OS threads that run Lua. Default: as many as the process may use cores. */
  readonly workers?: number | undefined;
  /** Makes `math.random` reproducible, in goroutines too. Default: random, and 0 with a virtual clock. */
  readonly seed?: number | bigint | undefined;
  /**
   * `virtual` makes runs deterministic: one goroutine runs at a time, `seed` decides which and for how long, and time
   * jumps to the next timer when everybody waits. The same seed is the same run, for programs whose host functions
   * return the same values. `manual` is a virtual clock that stands still until {@link Runtime.advance} lets time pass. Default:
   * `real`.
   */
  readonly clock?: 'real' | 'virtual' | 'manual' | undefined;
  /** How long a cancelled goroutine may take for its `defer` and `<close>` handlers, in ms. Default: 1000. */
  readonly graceMs?: number | undefined;
  /** What the heap of one island may hold, in bytes; beyond it Lua raises `not enough memory`. Default: no limit. */
  readonly memoryLimitBytes?: number | undefined;
  /** Goroutines alive at once, over all runs; one more raises in Lua. Default: no limit. */
  readonly maxGoroutines?: number | undefined;
  /** The time limit of runs that name none, in ms. Default: none. */
  readonly timeoutMs?: number | undefined;
  /**
   * `always`: every goroutine gets an island of its own, and what would keep it at home raises, with variable and line.
   * Default: `auto`, by the sharing rule.
   */
  readonly isolation?: 'auto' | 'always' | undefined;
  /** Which libraries and functions scripts get: {@link Sandbox}. Default: `full`. */
  readonly sandbox?: Sandbox | undefined;
  /**
   * Where `require` looks for files: directories, or templates of `package.path` with a `?`. Default: Lua's own path, and
   * nowhere in a sandbox without `package`.
   */
  readonly modulePaths?: readonly string[] | undefined;
  /** Modules that scripts find as globals and through `require`: {@link LuaModule}. Default: none. */
  readonly modules?: readonly LuaModule[] | undefined;
  /**
   * Gives the Lua source of a module that nobody defined, or `undefined` to go on with {@link RuntimeOptions.modulePaths}.
   * Only the goroutine that requires it waits for its promise.
   */
  readonly resolveModule?: ((name: string) => string | undefined | Promise<string | undefined>) | undefined;
  /** Takes what scripts print. Default: the process's own stdout, written from the threads that run Lua. */
  readonly stdout?: OutputTarget | undefined;
  /** Takes uncaught errors, warnings, and what scripts write to `io.stderr`. Default: the process's own stderr. */
  readonly stderr?: OutputTarget | undefined;
  /** The least severe messages of `log` that are shown: Default: `info`. */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Records what goroutines and workers do, and writes it to this file when the runtime is closed, in the Chrome trace
   * event format. Default: nothing is recorded.
   */
  readonly trace?: string | undefined;
  /** Told of each goroutine that failed while nobody awaited it. Default: it is printed to `stderr`. */
  readonly onUnhandledError?: ((error: UnhandledError) => void) | undefined;
  /**
   * Called once when nobody reads the process's own stdout or stderr any more (a closed pipe) and scripts still write
   * there; what they write is dropped. Default: the live runs are cancelled.
   */
  readonly onBrokenOutput?: ((stream: 'stdout' | 'stderr') => void) | undefined;
}

/**
 * Checks the options and turns them into what the addon takes.
 *
 * @param functions every Lua function there is.
 * @throws SlothError `E_VALUE` naming the option, what was expected and what came; `E_FILE` when the file of a trace
 * cannot be written.
 */
export function nativeOptions(options: RuntimeOptions, functions: () => readonly SandboxEntry[]): NativeOptions {
  const {workers = availableParallelism(), graceMs = 1000, logLevel, isolation = 'auto', clock = 'real'} = options;
  if (!clocks.includes(clock)) throw wrongOption('clock', "'real', 'virtual' or 'manual'", clock);
  const virtualClock = clock !== 'real';
  const {seed = virtualClock ? 0 : undefined} = options;
  if (!Number.isInteger(workers) || workers < 1) throw wrongOption('workers', 'a positive integer', workers);
  if (workers > mostWorkers) throw wrongOption('workers', `at most ${mostWorkers}`, workers);
  if (logLevel !== undefined && !logLevels.includes(logLevel)) {
    throw wrongOption('logLevel', `one of ${logLevels.join(', ')}`, logLevel);
  }
  if (!(graceMs >= 0)) throw wrongOption('graceMs', 'a number of milliseconds', graceMs);
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw wrongOption('seed', 'an integer', seed);
  if (isolation !== 'auto' && isolation !== 'always') throw wrongOption('isolation', "'auto' or 'always'", isolation);
  const {memoryLimitBytes, maxGoroutines, timeoutMs} = options;
  for (const [name, value] of Object.entries({memoryLimitBytes, maxGoroutines})) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw wrongOption(name, 'a positive integer', value);
    }
  }
  const {sandbox = 'full', modulePaths, resolveModule} = options;
  if (resolveModule !== undefined && typeof resolveModule !== 'function') {
    throw wrongOption('resolveModule', 'a function', resolveModule);
  }
  const removed = removedBy(sandbox, functions);
  if (timeoutMs !== undefined && !(timeoutMs >= 0))
    throw wrongOption('timeoutMs', 'a number of milliseconds', timeoutMs);
  const {trace} = options;
  if (trace !== undefined && typeof trace !== 'string') throw wrongOption('trace', 'the path of a file', trace);
  return {
    workers,
    graceMs,
    virtualClock,
    ...(clock === 'manual' && {heldClock: true}),
    stdoutMode: options.stdout ? 'message' : 'fd',
    stderrMode: options.stderr ? 'message' : 'fd',
    isolated: isolation === 'always',
    reportsUncaught: options.onUnhandledError !== undefined,
    ...(removed.length > 0 && {removed}),
    ...((modulePaths || removed.includes('package')) && {modulePath: modulePathOf(modulePaths ?? [])}),
    ...(memoryLimitBytes !== undefined && {memoryLimitBytes}),
    ...(maxGoroutines !== undefined && {maxGoroutines}),
    ...(seed !== undefined && {seed: BigInt.asIntN(64, BigInt(seed))}),
    ...(logLevel !== undefined && {logLevel}),
    ...(trace !== undefined && {traceFd: openForTrace(trace)}),
  };
}

function openForTrace(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (cause) {
    throw new SlothError('E_FILE', `cannot write a trace to ${path}: ${textOf(cause)}`, {cause});
  }
}

function modulePathOf(paths: readonly string[]): string {
  if (!Array.isArray(paths)) throw wrongOption('modulePaths', 'a list of directories', paths);
  const templates = paths.flatMap((path: unknown) => {
    if (typeof path !== 'string' || path === '' || /[;\0]/.test(path)) {
      throw wrongOption('modulePaths', 'a list of directories without ;', JSON.stringify(path));
    }
    return path.includes('?') ? [path] : [`${path}/?.lua`, `${path}/?/init.lua`];
  });
  return templates.join(';') || ';';
}

function wrongOption(name: string, expected: string, got: unknown): SlothError {
  return new SlothError('E_VALUE', `${name} must be ${expected}, got ${String(got)}`);
}
