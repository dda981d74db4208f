/**
 * What the addon promises to TypeScript. Nothing above this file talks to it, and nothing here is public.
 *
 * Values on this border are numbers (integers up to 2^53 become Lua integers, others floats), bigints (Lua integers
 * beyond that), strings, booleans, `null` and `undefined` (both nil), arrays and plain objects of these, native
 * functions, and host function marks on the way in.
 */
import {loadNative} from './load.js';
import type {NativeFunction} from './native-function.js';
import type {NativeHandle} from './native-handle.js';

export type ReportKind = 'succeeded' | 'failed' | 'memory' | 'syntax' | 'timeout' | 'cancelled' | 'deadlock' | 'exit';

export interface NativeReport {
  readonly kind: ReportKind;
  readonly values: unknown[];
  readonly message?: string;
  readonly traceback?: string;
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
}

export interface NativeStart {
  readonly source: Uint8Array;
  /** As Lua writes it: `@path` or `=name`. */
  readonly chunkName: string;
  readonly dialect: 'lua' | 'task';
  readonly args: unknown[];
  readonly globals: Record<string, unknown>;
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

export interface NativeCall {
  readonly args: unknown[];
  /** On the function's own island whatever it captured; what it returns stands even when it is cancelled then. */
  readonly atHome: boolean;
  readonly failFast: boolean;
  /** -1: none. */
  readonly timeoutMs: number;
}

export interface NativeOptions {
  readonly workers: number;
  readonly seed?: bigint;
  readonly graceMs: number;
  /** The run is deterministic; `seed` decides its order. */
  readonly virtualClock: boolean;
  readonly logLevel?: string;
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

/** One isolated world of workers and islands. Every answer arrives as a message on the JavaScript thread. */
export interface NativeRuntime {
  start(runId: number, request: NativeStart): void;
  call(runId: number, fn: NativeFunction, request: NativeCall): void;
  cancel(runId: number, reason: string): void;
  /** Answers a host call; when `ok` is false, the first value is the message. */
  settle(callId: number, ok: boolean, values: unknown[]): void;
  /** The host function that gives the source of modules nobody defined. Before the first run. */
  setModuleResolver(hostId: number): void;
  defineModule(name: string, fields: Record<string, unknown>): void;
  releaseFunction(fn: NativeFunction): void;
  close(deadlineMs: number): void;
  ref(): void;
  unref(): void;
  stats(): Record<string, number>;
}

/**
 * Receives what the addon reports: `run` (run id, report), `call` (call id, host id, arguments), `abandoned` (call id),
 * `stdout` and `stderr` (0, bytes), `uncaught` (run id, error), `broken` (0, name of the stream), `closed`.
 */
export type NativeListener = (kind: string, id: number, a: unknown, b: unknown) => void;

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
}

/** Runtime options may carry another binding under this key; tests of the layers above use it. */
export const bindingOption: unique symbol = Symbol.for('sloth.binding');

/** The addon of this process, loaded on first use. */
export function nativeBinding(): NativeBinding {
  return loadNative() as NativeBinding;
}
