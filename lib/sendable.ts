import type {Channel} from './channel.js';
import type {HostFunction} from './host-function.js';
import type {LuaFunction} from './lua-function.js';
import type {WaitGroup} from './wait-group.js';

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
 * | {@link Channel}, {@link WaitGroup} | the channel or wait group it stands for | the same kind |
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
  | Channel<unknown>
  | WaitGroup
  | HostFunction
  | readonly Sendable[]
  | {readonly [key: string]: Sendable};
