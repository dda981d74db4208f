import type {HostFunction} from './host-function.js';
import type {LuaFunction} from './lua-function.js';

/**
 * What can cross between JavaScript and Lua. Everything is copied, except functions: those stay where they are and the
 * other side gets a handle.
 *
 * | JavaScript | Lua | and back |
 * |---|---|---|
 * | `undefined`, `null` | nil | `undefined` |
 * | number that is an integer up to 2^53 | integer | number |
 * | any other number | float | number |
 * | bigint of 64 bits | integer | number, bigint beyond 2^53 |
 * | string | string (UTF-8) | string |
 * | array | table 1..n | array (an empty table: `{}`) |
 * | plain object | table | object |
 * | {@link LuaFunction} | the function it stands for | LuaFunction |
 * | function | a function that calls it: {@link HostFunction} | LuaFunction |
 */
export type Sendable =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | LuaFunction
  | HostFunction
  | readonly Sendable[]
  | {readonly [key: string]: Sendable};
