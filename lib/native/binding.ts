/**
 * What the addon promises to TypeScript. Nothing above this file talks to it, and nothing here is public.
 *
 * Values cross as messages: arrays of their bytes and the handles these name (native/node/host_values.h).
 */
import {loadNative} from './load.js';
import type {NativeEngine, NativeEngineCallbacks, NativeEngineOptions} from './native-engine.js';
import type {NativeFunction, NativeHandle} from './native-handle.js';

export type ReportKind = 'succeeded' | 'failed' | 'memory' | 'syntax' | 'timeout' | 'cancelled' | 'deadlock' | 'exit';

export interface NativeReport {
  readonly kind: ReportKind;
  readonly values: unknown[];
  readonly message?: string;
  readonly traceback?: string;
  /** The error value of a `failed` run, unless it is a string. */
  readonly error?: unknown[];
  readonly exitCode?: number;
  readonly uncaught: number;
}

/** An error of a goroutine that nobody awaited. */
export interface NativeUncaught {
  readonly goroutine: number;
  readonly message: string;
  readonly traceback: string;
  readonly spawnSite: string;
}

export interface NativePrelude {
  readonly chunkName: string;
  readonly source: Uint8Array;
  readonly args: unknown[];
  readonly keepsToItself: boolean;
}

export interface NativeStart extends NativeLimits {
  readonly source: Uint8Array;
  /** As Lua writes it: `@path` or `=name`. */
  readonly chunkName: string;
  readonly dialect: 'lua' | 'task';
  readonly args: unknown[];
  /** Names and values in turn. */
  readonly globals: unknown[];
  readonly scriptArg?: string[];
  readonly preludes: NativePrelude[];
  readonly noWait: boolean;
  readonly failFast: boolean;
  readonly explain: boolean;
  readonly checkCaptures: boolean;
  /** Compiles only: the chunk's function is the result. */
  readonly loadOnly: boolean;
  /** -1: none. */
  readonly timeoutMs: number;
}

/** Missing: no limit, or as it is. */
export interface NativeLimits {
  readonly memoryBytes?: number | undefined;
  readonly workers?: number | undefined;
}

export interface NativeOptions {
  readonly workers: number;
  readonly seed?: bigint;
  readonly graceMs: number;
  /** The run is deterministic; `seed` decides its order. */
  readonly virtualClock: boolean;
  /** It stands still until `advance` lets it pass. */
  readonly heldClock?: boolean;
  readonly logLevel?: string;
  /** An open file that the addon writes a trace to at closing, and closes. */
  readonly traceFd?: number;
  readonly stdoutMode: 'fd' | 'message';
  readonly stderrMode: 'fd' | 'message';
  /** Per island; missing: none. */
  readonly memoryLimitBytes?: number;
  /** Alive at once; missing: no limit. */
  readonly maxGoroutines?: number;
  /** What scripts do not get: `io`, `os.execute`, `_G.dofile`. */
  readonly removed?: string[];
  /** What `package.path` begins as; missing: Lua's own. */
  readonly modulePath?: string;
  readonly isolated: boolean;
  /** Uncaught errors arrive as messages instead of on stderr. */
  readonly reportsUncaught: boolean;
}

export interface NativeTraceSummary {
  readonly events: number;
  readonly dropped: number;
  /** Why the file is not complete. */
  readonly error?: string;
}

/** A module as the addon reads it (native/node/module_values.h). */
export interface NativeModule {
  readonly name: string;
  readonly source: string;
  /** Four values a function: name, number of its host function, flags, rules for its arguments. */
  readonly functions: readonly (string | number)[];
  readonly constantNames: readonly string[];
  /** Names and values in turn. */
  readonly constants?: unknown[];
}

/** One isolated world of workers and islands. Every answer arrives as a message on the JavaScript thread. */
export interface NativeRuntime {
  start(runId: number, request: NativeStart): void;
  /**
   * `atHome`: on the function's own island whatever it captured; what it returns stands even when it is cancelled then.
   * `timeoutMs`: -1 for none.
   */
  call(
    runId: number,
    fn: NativeFunction,
    args: unknown[],
    atHome: boolean,
    failFast: boolean,
    timeoutMs: number,
    limits?: NativeLimits,
  ): void;
  cancel(runId: number, reason: string): void;
  /** Answers a host call: with its results, or when `ok` is false with what it threw. */
  settle(callId: number, ok: boolean, values: unknown[]): void;
  /** The host function that gives the source of modules nobody defined. Before the first run. */
  setModuleResolver(hostId: number): void;
  /** `fields`: names and values in turn. */
  defineModule(name: string, fields: unknown[]): void;
  /** Before the first run. */
  addModule(module: NativeModule): void;
  releaseHandle(handle: NativeHandle): void;
  /** A channel whose values are asked for by `pull` messages of that stream id. */
  makeStream(streamId: number): NativeHandle;
  /** Answers a `pull` with one value; `undefined` ends the stream. */
  feed(streamId: number, values: unknown[] | undefined): void;
  /** The stream is over. */
  dropStream(streamId: number): void;
  /** Which `events` there are from now on: bits of GoroutineEvent::Kind (native/sched/watcher.h). */
  watch(kinds: number): void;
  /** Scripts that write to that stream wait from now on, or go on; those that are cancelled do not, nor does anybody after `close`. */
  holdOutput(stream: 'stdout' | 'stderr', held: boolean): void;
  /** Scripts' output comes as `stdout` and `stderr` from now on, also where the addon wrote it itself. */
  divertOutput(): void;
  /** What all islands together may use from now on. */
  limit(limits: NativeLimits): void;
  /** Lets time of a held clock pass; answered by `clock`. */
  advance(ms: number): void;
  /** Answers `more`, in a later turn of the event loop. */
  resume(): void;
  close(deadlineMs: number): void;
  ref(): void;
  unref(): void;
  stats(): Record<string, number>;
  /** Answered by one `dump` message; not called again before that, nor after `close`. */
  dump(): void;
  /** What became of the trace; once closed. */
  traceSummary(): NativeTraceSummary;
}

/** What the addon reports, by the numbers it sends (native/node/mailbox.h, Message::Kind). */
export const messageKinds = [
  'run',
  'done',
  'call',
  'abandoned',
  'stdout',
  'stderr',
  'broken',
  'uncaught',
  'dump',
  'events',
  'pull',
  'clock',
  'idle',
  'nothing',
  'closed',
  'released',
  'gone',
  'more',
] as const;

export type MessageKind = (typeof messageKinds)[number];

/**
 * Receives what the addon reports: `run` (run id, report), `done` (run id, values of one that has nothing else to report), `call` (call id, host id, arguments), `abandoned` (call id),
 * `released` (0, ids of functions and errors that Lua holds one time less), `stdout` and `stderr` (0, bytes), `uncaught` (run id,
 * error), `broken` (0, name of the stream), `dump` (0, text), `pull` (stream id), `gone` (0, ids of streams that nobody can read),
 * `events` (0, six fields for each), `more` (this turn of the event loop took enough), `clock` (a held
 * clock has passed as far as it may, and everybody waits), `idle` (goroutines of engines have ended), `closed`.
 */
export type NativeListener = (kind: number, id: number, a: unknown, b: unknown, c?: unknown) => void;

/** One entry of the registry of Lua functions (native/lua/registry.h says what is in the columns). */
export interface NativeFunctionEntry {
  readonly module: string;
  readonly name: string;
  readonly arguments: string;
  readonly results: string;
  readonly units: 'ms' | 's' | '';
  readonly errors: string;
  readonly maySwitch: 'no' | 'yes' | 'if it has to wait';
  readonly since: string;
  readonly summary: string;
  readonly example: string;
}

export interface NativeBinding {
  readonly luaVersion: string;
  luaFunctions(): NativeFunctionEntry[];
  /** A new `channel` with that capacity, or `wait_group`. */
  makeHandle(kind: 'channel' | 'wait_group', capacity: number): NativeHandle;
  channelState(channel: NativeHandle): {readonly length: number; readonly capacity: number; readonly closed: boolean};
  /** False when it was closed before. */
  closeChannel(channel: NativeHandle): boolean;
  /** False, changing nothing, when the counter would go below zero. */
  addToWaitGroup(group: NativeHandle, n: number): boolean;
  createRuntime(options: NativeOptions, onMessage: NativeListener): NativeRuntime;
  createEngine(runtime: NativeRuntime, options: NativeEngineOptions, callbacks: NativeEngineCallbacks): NativeEngine;
}

/** Runtime options may carry another binding under this key; tests of the layers above use it. */
export const bindingOption: unique symbol = Symbol.for('sloth.binding');

/** The addon of this process, loaded on first use. */
export function nativeBinding(): NativeBinding {
  return loadNative() as NativeBinding;
}
