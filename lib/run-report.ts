import type {Sendable} from './sendable.js';

/**
 * How a run ended, as data. Every consumer switches on `kind`.
 *
 * | kind | meaning |
 * |---|---|
 * | `succeeded` | the function returned `values`, and its goroutines ended |
 * | `failed` | it raised an error |
 * | `memory` | its island had no memory left: `memoryLimitBytes`, or the machine's |
 * | `syntax` | the source does not parse; nothing ran |
 * | `timeout` | its time was over |
 * | `cancelled` | it was cancelled, or the runtime was closed |
 * | `deadlock` | every goroutine waits for ever; `message` is the report |
 * | `exit` | Lua code called `os.exit`: `exitCode` |
 */
export interface RunReport {
  readonly kind: 'succeeded' | 'failed' | 'memory' | 'syntax' | 'timeout' | 'cancelled' | 'deadlock' | 'exit';
  /** What it returned; empty unless it succeeded. */
  readonly values: Sendable[];
  readonly message?: string | undefined;
  /** The error value of a `failed` run, unless it is a string: that is the `message`. */
  readonly error?: unknown;
  /** Where Lua code was, as Lua prints it. */
  readonly traceback?: string | undefined;
  readonly exitCode?: number | undefined;
  /** Errors of goroutines that reached nobody. They were printed when they happened. */
  readonly uncaught: number;
}
