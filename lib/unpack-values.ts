import type {Border} from './border.js';
import {wrapChannel} from './channel.js';
import {wrapLuaFunction} from './lua-function.js';
import {isHostFunctionRef} from './native/host-function-ref.js';
import {isNativeFunction} from './native/native-function.js';
import {isNativeHandle, type NativeHandle} from './native/native-handle.js';
import type {Sendable} from './sendable.js';
import {wrapWaitGroup} from './wait-group.js';

/**
 * Turns what the addon delivered into public values, in place: nobody else holds it. Lua functions become handles, and
 * JavaScript functions that came back become themselves.
 */
export function unpackValues(values: readonly unknown[], border: Border): Sendable[] {
  return values.map((value) => unpack(value, border));
}

function unpack(value: unknown, border: Border): Sendable {
  if (typeof value !== 'object' || value === null) return (value ?? undefined) as Sendable;
  if (isNativeFunction(value)) return wrapLuaFunction(border.core, value);
  if (isNativeHandle(value)) return wrapHandle(border, value);
  if (isHostFunctionRef(value)) return border.hostFunction(value.hostId);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unpack(value[index], border);
    return value as Sendable[];
  }
  const table = value as Record<string, unknown>;
  for (const key of Object.keys(table)) table[key] = unpack(table[key], border);
  return table as Record<string, Sendable>;
}

// Kinds that JavaScript can do nothing with keep their name only.
function wrapHandle(border: Border, native: NativeHandle): Sendable {
  if (native.kind === 'channel') return wrapChannel(border.core, native);
  if (native.kind === 'wait group') return wrapWaitGroup(border.core, native);
  return `[${native.kind}]`;
}
