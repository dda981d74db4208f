import type {Border} from './border.js';
import {Channel, nativeChannelOf} from './channel.js';
import {SlothError} from './errors.js';
import type {HostFunction} from './host-function.js';
import {LuaFunction, nativeFunctionOf} from './lua-function.js';
import type {NativeFunction} from './native/native-function.js';
import type {NativeHandle} from './native/native-handle.js';
import {isPlainObject} from './util/plain-object.js';
import {nativeWaitGroupOf, WaitGroup} from './wait-group.js';

const deepest = 500;
const int64 = {least: -(2n ** 63n), most: 2n ** 63n - 1n} as const;

/**
 * Checks and copies a list of values for the addon: host functions become references, Lua functions their handles.
 *
 * @throws SlothError `E_VALUE` naming the path of the first value that cannot cross, such as `args[1].when`.
 */
export function packValues(values: readonly unknown[], border: Border, path = 'args'): unknown[] {
  return values.map((value, index) => pack(value, border, `${path}[${index}]`, []));
}

/** As {@link packValues}, for a record. */
export function packRecord(
  record: Readonly<Record<string, unknown>>,
  border: Border,
  path: string,
): Record<string, unknown> {
  return packObject(record, border, path, []);
}

function pack(value: unknown, border: Border, path: string, parents: unknown[]): unknown {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
    case 'string':
      return value;
    case 'bigint':
      if (value < int64.least || value > int64.most) throw refusal(path, 'a bigint of more than 64 bits');
      return value;
    case 'function':
      return border.hostRef(value as HostFunction);
    case 'symbol':
      throw refusal(path, 'a symbol');
    default:
      return value === null ? value : packReference(value as object, border, path, parents);
  }
}

function packReference(value: object, border: Border, path: string, parents: unknown[]): unknown {
  if (value instanceof LuaFunction) return packFunction(value, border, path);
  if (value instanceof Channel || value instanceof WaitGroup) return packHandle(value, border, path);
  if (parents.includes(value)) throw refusal(path, 'an object that contains itself');
  if (parents.length >= deepest) throw refusal(path.slice(0, 80), `an object nested more than ${deepest} deep`);
  parents.push(value);
  const copy = packComposite(value, border, path, parents);
  parents.pop();
  return copy;
}

function packComposite(value: object, border: Border, path: string, parents: unknown[]): unknown {
  if (Array.isArray(value)) return Array.from(value, (item, index) => pack(item, border, `${path}[${index}]`, parents));
  if (!isPlainObject(value)) throw refusal(path, describeInstance(value));
  return packObject(value, border, path, parents);
}

function packObject(
  record: Readonly<Record<string, unknown>>,
  border: Border,
  path: string,
  parents: unknown[],
): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(record)) {
    copy[key] = pack(item, border, /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, parents);
  }
  return copy;
}

function packFunction(value: LuaFunction, border: Border, path: string): NativeFunction {
  const native = nativeFunctionOf(value, border.core);
  if (native === 'released') throw refusal(path, 'a Lua function that was released');
  if (native === 'foreign') throw refusal(path, 'a Lua function of another runtime');
  return native;
}

function packHandle(value: Channel | WaitGroup, border: Border, path: string): NativeHandle {
  const channel = value instanceof Channel;
  const native = channel ? nativeChannelOf(value, border.core) : nativeWaitGroupOf(value, border.core);
  if (native === 'foreign') throw refusal(path, `a ${channel ? 'channel' : 'wait group'} of another runtime`);
  return native;
}

function refusal(path: string, what: string): SlothError {
  return new SlothError('E_VALUE', `cannot send ${path}: it is ${what}`);
}

function describeInstance(value: object): string {
  const name: unknown = value.constructor?.name;
  const kind = typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
  if (value instanceof Promise) return `${kind}; await it first`;
  return `${kind}; send a plain object with what Lua needs of it`;
}
