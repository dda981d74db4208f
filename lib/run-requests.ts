import type {Border} from './border.js';
import {SlothError} from './errors.js';
import type {RunOutput} from './live-run.js';
import type {NativeReport, NativeUncaught} from './native/binding.js';
import type {RunReport} from './run-report.js';
import type {UnhandledError} from './runtime-options.js';
import {unpackValues} from './unpack-values.js';
import {textOf} from './util/text-of.js';

/** Where a called function runs, and for whom. */
export interface CallPlace {
  /** Where it lives, whatever it captured. */
  readonly atHome?: boolean;
  /** It is this library's own: nobody is told of its goroutines. */
  readonly isOwn?: boolean;
  /**
   * Takes what it writes; while a promise that it answers is pending, whoever writes waits. For runtimes whose `stdout` and
   * `stderr` are given.
   */
  readonly output?: RunOutput | undefined;
}

/** Refuses what comes after `close`. */
export function closedError(): SlothError {
  return new SlothError('E_CLOSED', 'the runtime is closed');
}

/** What `onUnhandledError` is told. */
export function unhandledError(runId: number, error: NativeUncaught): UnhandledError {
  const {goroutine: goroutineId, message, traceback: luaTraceback, spawnSite} = error;
  return {runId, goroutineId, message, luaTraceback, spawnSite};
}

/** The report of a run that never started, or whose runtime went. */
export function cancelledReport(message: string): RunReport {
  return {kind: 'cancelled', values: [], message, uncaught: 0};
}

/** A reason as Lua sees it. */
export function describeReason(reason: unknown): string {
  if (reason === undefined || reason === null) return 'cancelled';
  return textOf(reason);
}

/** Source as the addon takes it. */
export function bytesOf(source: string | Uint8Array): Uint8Array {
  return typeof source === 'string' ? new TextEncoder().encode(source) : source;
}

/** A chunk name as Lua writes it: `@path` or `=name`. */
export function chunkNameOf(name = '=chunk'): string {
  return /^[@=]/.test(name) ? name : `=${name}`;
}

/** A time limit as the addon takes it: -1 for none. */
export function timeoutOf(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return -1;
  if (timeoutMs >= 0) return timeoutMs;
  throw new SlothError('E_VALUE', `timeoutMs must not be negative, got ${timeoutMs}`);
}

/** How a run ended, as the public API tells it. */
export function reportOf(native: NativeReport, border: Border): RunReport {
  const {kind, exitCode} = native;
  return {
    kind,
    values: unpackValues(native.values ?? [], border),
    message: native.message || undefined,
    traceback: native.traceback || undefined,
    ...(native.error && {error: unpackValues(native.error, border)[0]}),
    ...(kind === 'exit' && {exitCode}),
    uncaught: native.uncaught ?? 0,
  };
}
