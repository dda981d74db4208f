import {Channel} from './channel.js';
import {LuaFunction} from './lua-function.js';
import {LuaHandle} from './lua-handle.js';
import type {NativeHandle} from './native/native-handle.js';
import type {RuntimeCore} from './runtime-core.js';
import {WaitGroup} from './wait-group.js';

type HandleClass = new (core: RuntimeCore, native: NativeHandle) => LuaHandle;

/** The class that stands for each kind of handle; a kind that has none of its own is a plain {@link LuaHandle}. */
const classes: ReadonlyMap<string, HandleClass> = new Map<string, HandleClass>([
  ['Lua function', LuaFunction],
  ['channel', Channel],
  ['wait group', WaitGroup],
]);

/** Makes the public object of a native handle. */
export function wrapHandle(core: RuntimeCore, native: NativeHandle): LuaHandle {
  return new (classes.get(native.kind) ?? LuaHandle)(core, native);
}
