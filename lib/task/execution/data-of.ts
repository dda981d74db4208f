import {LuaHandle} from '../../lua-handle.js';
import type {Sendable} from '../../sendable.js';
import {isPlainObject} from '../../util/plain-object.js';

/** A value as data, which can be kept: what is none becomes its name. */
export function dataOf(value: Sendable): Sendable {
  return asData(value, new Set());
}

// `around`: the tables it stands in.
function asData(value: Sendable, around: Set<unknown>): Sendable {
  if (typeof value === 'function') return 'function';
  if (value instanceof LuaHandle) return value.kind;
  if (value instanceof Error) return value.message;
  if (!Array.isArray(value) && !(value instanceof Map) && !isPlainObject(value)) return value;
  if (around.has(value)) return '<circular>';
  around.add(value);
  const result = copyOf(value, (item) => asData(item, around));
  around.delete(value);
  return result;
}

function copyOf(
  value: readonly Sendable[] | ReadonlyMap<Sendable, Sendable> | Readonly<Record<string, Sendable>>,
  copy: (item: Sendable) => Sendable,
): Sendable {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copy(key), copy(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}
