import type {HostFunction} from './host-function.js';
import type {LuaHandle} from './lua-handle.js';
import type {LuaFloat, LuaNull} from './special-values.js';

/**
 * What can cross between JavaScript and Lua. Everything is copied, except functions, errors and handles: those stay where they
 * are and the other side refers to them. Within one message (arguments, results, globals) what occurs twice is one thing on
 * the other side too, and may contain itself.
 *
 * | JavaScript | Lua | and back |
 * |---|---|---|
 * | `undefined`, `null` | nil | `undefined` |
 * | {@link luaNull} | a value that prints `null` | `luaNull` |
 * | number that is a safe integer | integer | number |
 * | any other number, {@link LuaFloat} | float | number |
 * | bigint of 64 bits | integer | number, bigint beyond 2^53 |
 * | string | string (UTF-8) | string |
 * | `Uint8Array`, `Buffer`, `ArrayBuffer`, `DataView` | string | string, `Uint8Array` where it is not UTF-8 |
 * | array | table 1..n | array |
 * | plain object | table | object |
 * | `Map`, `Set`, `Date`, other typed arrays | tables with a mark | the same again |
 * | `Error` | a value with `message`, `stack`, `cause`, ... | the same `Error` |
 * | {@link LuaHandle}, such as a `LuaFunction` | what it stands for | a handle |
 * | function | a function that calls it: {@link HostFunction} | the same function |
 */
export type Sendable =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | LuaNull
  | LuaFloat
  | LuaHandle
  | HostFunction
  | Date
  | Error
  | ArrayBufferView
  | ArrayBufferLike
  | readonly Sendable[]
  | ReadonlyMap<Sendable, Sendable>
  | ReadonlySet<Sendable>
  | {readonly [key: string]: Sendable};
