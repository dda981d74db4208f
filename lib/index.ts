export {Channel} from './channel.js';
export {type Diagnosis, diagnose} from './diagnosis.js';
export type {
  EventsDroppedEvent,
  GoroutineBlockedEvent,
  GoroutineEndEvent,
  GoroutineErrorEvent,
  GoroutineEvent,
  GoroutineSpawnEvent,
  HostAnswerEvent,
  HostCallEvent,
  RuntimeEvent,
} from './diagnostics.js';
export {
  type ErrorCode,
  type ErrorDetails,
  ExitError,
  LuaError,
  SlothError,
  UncaughtError,
  ValueError,
} from './errors.js';
export type {HostAnswer, HostCall, HostFunction} from './host-function.js';
export type {WaitOptions} from './host-operations.js';
export {Lua, type LuaCallable, type LuaStats} from './lua.js';
export {LuaFunction} from './lua-function.js';
export {LuaHandle} from './lua-handle.js';
export type {HostTool, LuaFunctionFacts, LuaMethodFacts, LuaModule, LuaModuleFunction} from './lua-module.js';
export type {CrossingOptions, EvalOptions, LuaOptions, ObjectOptions} from './lua-options.js';
export {type LuaReferenceEntry, luaReference} from './lua-reference.js';
export type {LuaTable} from './lua-table.js';
export {luaVersion} from './lua-version.js';
export type {Attempt} from './native/load.js';
export type {OutputTarget} from './output-sink.js';
export type {ResourceLimits} from './resource-limits.js';
export {Results, results} from './results.js';
export type {Run} from './run.js';
export type {CallOptions, LoadOptions, Prelude, RunOptions} from './run-options.js';
export type {RunReport} from './run-report.js';
export {type CloseOptions, Runtime} from './runtime.js';
export type {LogLevel, RuntimeOptions, UnhandledError} from './runtime-options.js';
export type {RuntimeStats} from './runtime-stats.js';
export type {Sandbox} from './sandbox.js';
export type {Sendable} from './sendable.js';
export {LuaFloat, type LuaNull, luaNull} from './special-values.js';
export type {ValueOptions} from './value-options.js';
export {WaitGroup} from './wait-group.js';
