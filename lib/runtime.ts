import {availableParallelism} from 'node:os';
import {SlothError} from './errors.js';
import {bindingOption, type NativeBinding, nativeBinding} from './native/binding.js';
import {type OutputTarget, outputSink} from './output-sink.js';
import {readScript} from './read-script.js';
import type {Run} from './run.js';
import type {RunOptions} from './run-options.js';
import {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';

const mostWorkers = 1024;

/** How a {@link Runtime} is made. */
export interface RuntimeOptions {
  /** OS threads that run Lua. Default: as many as the process may use cores. */
  readonly workers?: number | undefined;
  /** Makes `math.random` reproducible, in goroutines too. Default: random. */
  readonly seed?: number | bigint | undefined;
  /** How long a cancelled goroutine may take for its `defer` and `<close>` handlers, in ms. Default: 1000. */
  readonly graceMs?: number | undefined;
  /** Takes what scripts print. Default: the process's own stdout, written from the threads that run Lua. */
  readonly stdout?: OutputTarget | undefined;
  /** Takes uncaught errors, warnings, and what scripts write to `io.stderr`. Default: the process's own stderr. */
  readonly stderr?: OutputTarget | undefined;
  /** The least severe messages of `log` that are shown: Default: `info`. */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Called once when nobody reads the process's own stdout or stderr any more (a closed pipe) and scripts still write
   * there; what they write is dropped. Default: the live runs are cancelled.
   */
  readonly onBrokenOutput?: ((stream: 'stdout' | 'stderr') => void) | undefined;
}

/** Levels of the `log` module, the least severe first; `off` shows nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];

/** How long {@link Runtime.close} waits. */
export interface CloseOptions {
  /** Time for goroutines to unwind, in ms; then they are left behind. Default: 5000. */
  readonly deadlineMs?: number | undefined;
}

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

  /** @throws SlothError `E_VALUE` for an option out of range. */
  constructor(options: RuntimeOptions = {}) {
    const {workers = availableParallelism(), seed, graceMs = 1000, stdout, stderr, logLevel, onBrokenOutput} = options;
    if (!Number.isInteger(workers) || workers < 1) throw wrongOption('workers', 'a positive integer', workers);
    if (workers > mostWorkers) throw wrongOption('workers', `at most ${mostWorkers}`, workers);
    if (logLevel !== undefined && !logLevels.includes(logLevel)) {
      throw wrongOption('logLevel', `one of ${logLevels.join(', ')}`, logLevel);
    }
    if (!(graceMs >= 0)) throw wrongOption('graceMs', 'a number of milliseconds', graceMs);
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw wrongOption('seed', 'an integer', seed);
    const {[bindingOption]: binding = nativeBinding()} = options as {[bindingOption]?: NativeBinding};
    this.#core = new RuntimeCore(
      binding,
      {
        workers,
        graceMs,
        stdoutMode: stdout ? 'message' : 'fd',
        stderrMode: stderr ? 'message' : 'fd',
        ...(seed !== undefined && {seed: BigInt.asIntN(64, BigInt(seed))}),
        ...(logLevel !== undefined && {logLevel}),
      },
      {stdout: stdout && outputSink(stdout), stderr: stderr && outputSink(stderr), broken: onBrokenOutput},
    );
  }

  /**
   * Runs a chunk of Lua and resolves to what it returns, once the goroutines it started have ended too.
   *
   * @throws SlothError as {@link Run.result} says; `E_VALUE` for an argument that cannot cross, `E_CLOSED` after `close`.
   */
  async run(source: string | Uint8Array, options: RunOptions = {}): Promise<Sendable[]> {
    return this.start(source, options).result;
  }

  /**
   * Runs a file; a `.sloth` file gets the dialect of task files, though not their globals. A byte order mark and a
   * first line that starts with `#` are skipped. Lua's `arg` is set from `args`, as `lua` does.
   *
   * @throws SlothError as {@link Runtime.run} says; `E_FILE` when the file is missing, a directory, or compiled Lua.
   */
  async runFile(path: string, options: RunOptions = {}): Promise<Sendable[]> {
    const {source, chunkName, dialect} = await readScript(path);
    const scriptArg = [path, ...(options.args ?? []).map(String)];
    return this.run(source, {scriptArg, ...options, chunkName, dialect});
  }

  /**
   * Starts a chunk of Lua and returns its {@link Run}.
   *
   * @throws SlothError `E_VALUE` for an argument that cannot cross, `E_CLOSED` after `close`.
   */
  start(source: string | Uint8Array, options: RunOptions = {}): Run {
    return this.#core.startChunk(source, options);
  }

  /** Live counts of the scheduler, by name. */
  stats(): Record<string, number> {
    return this.#core.stats();
  }

  /**
   * Refuses new runs, cancels the live ones, and resolves when everything has ended or the deadline is over. Closing
   * again joins the first.
   */
  close({deadlineMs = 5000}: CloseOptions = {}): Promise<void> {
    return this.#core.close(deadlineMs);
  }

  /** As {@link Runtime.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function wrongOption(name: string, expected: string, got: unknown): SlothError {
  return new SlothError('E_VALUE', `${name} must be ${expected}, got ${String(got)}`);
}
