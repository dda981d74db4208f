import {SlothError} from './errors.js';
import type {HostFunction} from './host-function.js';
import {LuaFunction, nativeFunctionOf, wrapLuaFunction} from './lua-function.js';
import type {NativeFunction} from './native/binding.js';
import type {HostFunctionRef} from './native/host-function-ref.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';
import {isPlainObject} from './util/plain-object.js';

const deepest = 500;
const int64 = {least: -(2n ** 63n), most: 2n ** 63n - 1n} as const;

/** What crossing needs from a runtime: both kinds of functions are known there. */
export interface Border {
  readonly core: RuntimeCore;
  hostRef(fn: HostFunction): HostFunctionRef;
}

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

function refusal(path: string, what: string): SlothError {
  return new SlothError('E_VALUE', `cannot send ${path}: it is ${what}`);
}

function describeInstance(value: object): string {
  const name: unknown = value.constructor?.name;
  const kind = typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
  if (value instanceof Promise) return `${kind}; await it first`;
  return `${kind}; send a plain object with what Lua needs of it`;
}

/** Turns what the addon delivered, which nobody else holds, into public values. */
export function unpackValues(values: readonly unknown[], core: RuntimeCore): Sendable[] {
  return values.map((value) => unpack(value, core));
}

function unpack(value: unknown, core: RuntimeCore): Sendable {
  if (typeof value !== 'object' || value === null) return (value ?? undefined) as Sendable;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unpack(value[index], core);
    return value as Sendable[];
  }
  if (!isPlainObject(value)) return wrapLuaFunction(core, value as NativeFunction);
  for (const key of Object.keys(value)) value[key] = unpack(value[key], core);
  return value as Record<string, Sendable>;
}
