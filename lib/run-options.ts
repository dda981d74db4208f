import type {ResourceLimits} from './resource-limits.js';
import type {Sendable} from './sendable.js';
import type {ValueOptions} from './value-options.js';

/** Lua code that runs before the main chunk, on its island and with its globals. */
export interface Prelude {
  /** As for {@link RunOptions.chunkName}. */
  readonly chunkName: string;
  readonly source: string | Uint8Array;
  /** Its `...`. */
  readonly args?: readonly Sendable[] | undefined;
  /**
   * Its functions store into no table but those they made themselves, and change no metatable of others: what decides where goroutines
   * run need not fear them. A promise that nobody checks: where it is broken, goroutines on other islands miss what was stored.
   */
  readonly keepsToItself?: boolean | undefined;
}

/**
 * What every run may be given. Its {@link ValueOptions} hold for its arguments, globals and results, not for what host functions
 * get and answer: that is for its runtime to say.
 */
export interface CallOptions extends ValueOptions {
  /** The `...` of the chunk, or the arguments of the function. */
  readonly args?: readonly Sendable[] | undefined;
  /** Cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** The run is cancelled when it takes longer. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** The first uncaught error of a goroutine ends the run. Default: the others go on. */
  readonly failFast?: boolean | undefined;
  /**
   * What the islands that the run makes may use together. Each of its goroutines then lives on one of them: one that would have to stay
   * elsewhere, as it shares what it captured, raises with the reason. Default: no limits but the runtime's.
   */
  readonly limits?: ResourceLimits | undefined;
}

/** How a chunk of Lua is compiled, and what it finds. */
export interface LoadOptions {
  /** What errors call the chunk: `@path` for a file, `=name` for anything else. Default: `=chunk`. */
  readonly chunkName?: string | undefined;
  /** `task` lets reserved words follow `.` and `:`, as `.sloth` files do. Default: `lua`. */
  readonly dialect?: 'lua' | 'task' | undefined;
  /** Global variables the chunk finds. */
  readonly globals?: Readonly<Record<string, Sendable>> | undefined;
}

/** How a chunk of Lua is run. */
export interface RunOptions extends CallOptions, LoadOptions {
  /** Goroutines that still run when the main chunk returns are cancelled. Default: the run waits for them. */
  readonly noWait?: boolean | undefined;
  /** Prints on stderr where each spawn site runs, and what keeps it on its parent's island. */
  readonly explain?: boolean | undefined;
  /** Compares captured tables with their copies and reports drift on stderr. */
  readonly checkCaptures?: boolean | undefined;
  /** Lua's global `arg`: the script's name first (`arg[0]`), then its arguments. */
  readonly scriptArg?: readonly string[] | undefined;
  /** Chunks that run first, in order. An error in one is the run's error. */
  readonly preludes?: readonly Prelude[] | undefined;
}
