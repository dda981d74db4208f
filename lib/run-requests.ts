import type {Border} from './border.js';
import {SlothError} from './errors.js';
import type {RunOutput} from './live-run.js';
import type {NativeReport, NativeStart, NativeUncaught} from './native/binding.js';
import {type PackedValues, packValues} from './pack-values.js';
import {checkedLimits} from './resource-limits.js';
import type {RunOptions} from './run-options.js';
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

function bytesOf(source: string | Uint8Array): Uint8Array {
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

/** What the addon takes to run a chunk. */
export function chunkRequest(
  source: string | Uint8Array,
  options: RunOptions,
  given: {
    readonly border: Border;
    readonly globals: PackedValues;
    readonly loadOnly: boolean;
    /** For runs that name none. */
    readonly timeoutMs: number | undefined;
  },
): NativeStart {
  const {border, globals, loadOnly} = given;
  return {
    source: bytesOf(source),
    chunkName: chunkNameOf(options.chunkName),
    dialect: options.dialect ?? 'lua',
    args: packValues(options.args ?? [], border),
    globals,
    ...(options.scriptArg && {scriptArg: [...options.scriptArg]}),
    preludes: (options.preludes ?? []).map((prelude) => ({
      chunkName: chunkNameOf(prelude.chunkName),
      source: bytesOf(prelude.source),
      args: packValues(prelude.args ?? [], border),
      keepsToItself: prelude.keepsToItself ?? false,
    })),
    noWait: options.noWait ?? false,
    failFast: options.failFast ?? false,
    explain: options.explain ?? false,
    checkCaptures: options.checkCaptures ?? false,
    loadOnly,
    timeoutMs: timeoutOf(options.timeoutMs ?? given.timeoutMs),
    ...checkedLimits(options.limits),
  };
}
