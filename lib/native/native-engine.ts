import type {NativeHandle} from './native-handle.js';

/** What an entry into a synchronous engine does; as SyncCall::Kind of native/lua/sync_engine.h. */
export const engineCall = {
  chunk: 2,
  getGlobal: 3,
  setGlobal: 4,
  index: 5,
  rawIndex: 6,
  newIndex: 7,
  length: 8,
  entries: 9,
  text: 10,
} as const;

export type EngineCall = (typeof engineCall)[keyof typeof engineCall];

/** Which tables and objects cross by reference. */
export type ObjectRule = 'auto' | 'copy' | 'reference';

export interface NativeEngineOptions {
  /** Missing: as the runtime's islands. */
  readonly memoryLimitBytes?: number;
  /** Of each entry that names none; missing: no limit. */
  readonly timeoutMs?: number;
  readonly objects: ObjectRule;
  /** Strings of Lua become strings wherever they are UTF-8. */
  readonly plainStrings: boolean;
  readonly nullIsNil: boolean;
}

/** How an entry failed. */
export type EngineFailure = 'failed' | 'memory' | 'syntax' | 'timeout' | 'cancelled' | 'exit';

/** What the addon leaves to TypeScript. Messages are as lib/native/binding.ts says. */
export interface NativeEngineCallbacks {
  pack(values: readonly unknown[]): unknown[];
  unpack(message: readonly unknown[]): unknown[];
  /** The function, object or error of that number. */
  lookUp(hostId: number): unknown;
  /** Packs what a host function answered, where it is no plain value. */
  answer(value: unknown, name: string): unknown[];
  /** Packs what a host function threw. */
  thrown(error: unknown): unknown[];
  /** The error to throw; `error` is a message of the error value, unless that is a string. */
  failure(kind: EngineFailure, message?: string, traceback?: string, error?: unknown[], exitCode?: number): Error;
  /** Goroutines that an entry started go on. */
  working(): void;
  // Lua uses an object of JavaScript.
  index(object: object, key: unknown): unknown;
  newIndex(object: object, key: unknown, value: unknown): void;
  length(object: object): number;
  /** Keys and values in turn. */
  entries(object: object): unknown;
  /** Does nothing; asked while Lua runs long, to see whether JavaScript still runs. */
  nothing(): void;
  /** The error of whoever uses the engine when it is closed. Kept longer than the others: it must hold on to nothing. */
  closed(): Error;
  /** What host functions find as `this`. */
  readonly hostThis: object;
}

export interface NativeEngineStats {
  readonly memoryBytes: number;
  /** Those that it started and that have not ended. */
  readonly goroutines: number;
  /** Functions and tables of Lua that JavaScript has. */
  readonly known: number;
}

/** A heap of Lua on the JavaScript thread. What it throws, `failure` made. */
export interface NativeEngine {
  /** `chunk`, `getGlobal` or `setGlobal`, with a message of arguments; returns one of results. `timeoutMs` -1: the engine's. */
  run(
    kind: EngineCall,
    text: string | Uint8Array,
    chunkName: string,
    values: unknown[],
    timeoutMs: number,
    objects: ObjectRule | undefined,
  ): unknown[];
  /** Calls a Lua function, or the global of that name; all results. */
  call(fn: string | object, ...args: unknown[]): unknown[];
  /** The other kinds, on an object of Lua; `getGlobal` and `setGlobal` on a name. `entries` gives keys and values in turn. */
  operate(kind: EngineCall, object: object | string, ...args: unknown[]): unknown;
  /** A JavaScript function that calls the Lua function and returns its first result. */
  makeFunction(handle: NativeHandle): object;
  /** Makes an object stand for what the handle names. */
  adopt(object: object, handle: NativeHandle): object | undefined;
  /** What stands for it already, else its type in Lua; undefined when it is not of this engine. */
  known(handle: NativeHandle): object | string | undefined;
  close(): void;
  stats(): NativeEngineStats;
}
