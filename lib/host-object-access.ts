import {describeKind} from './describe-kind.js';
import {asText} from './util/text-of.js';

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * What Lua code may do with an object of JavaScript that it refers to: fields, elements, length, loop. Elements of lists are
 * counted from 1. What belongs to every object (`constructor`, `__proto__`, `toString`, ...) is nothing to Lua, unless the object
 * itself has it: no path leads from a value to what makes values.
 */
export class HostObjectAccess {
  /** A method is one function however often it is asked for. */
  readonly #methods = new WeakMap<object, WeakMap<AnyFunction, AnyFunction>>();

  index(object: object, key: unknown): unknown {
    if (object instanceof Map) return object.get(key);
    if (object instanceof Set) return object.has(key);
    const name = nameOf(object, key);
    if (!isReadable(object, name)) return undefined;
    const value: unknown = Reflect.get(object, name);
    return typeof value === 'function' ? this.#methodOf(object, value as AnyFunction) : value;
  }

  newIndex(object: object, key: unknown, value: unknown): void {
    if (object instanceof Map) {
      if (value === undefined) object.delete(key);
      else object.set(key, value);
      return;
    }
    if (object instanceof Set) {
      if (value === undefined || value === false) object.delete(key);
      else object.add(key);
      return;
    }
    const name = nameOf(object, key);
    if (name === '__proto__' || name === 'constructor') {
      throw new TypeError(`'${name}' of an object of JavaScript cannot be set from Lua`);
    }
    const done = value === undefined ? Reflect.deleteProperty(object, name) : Reflect.set(object, name, value);
    if (!done) throw new TypeError(`'${name}' of ${describeKind(object)} cannot be set`);
  }

  length(object: object): number {
    if (object instanceof Map || object instanceof Set) return object.size;
    if (isList(object)) return object.length;
    throw new TypeError(`attempt to get length of ${describeKind(object)}`);
  }

  /** Keys and values in turn. */
  entries(object: object): unknown[] {
    if (object instanceof Map) return [...object].flat();
    if (object instanceof Set) return [...object].flatMap((member) => [member, true]);
    if (isList(object)) return Array.from(object, (value, index) => [index + 1, value]).flat();
    return Object.keys(object).flatMap((name) => [name, this.index(object, name)]);
  }

  /** Called with the object first, as `object:method(...)` does, or without, as `object.method(...)` does. */
  #methodOf(object: object, fn: AnyFunction): AnyFunction {
    let known = this.#methods.get(object);
    if (!known) {
      known = new WeakMap();
      this.#methods.set(object, known);
    }
    let method = known.get(fn);
    if (!method) {
      method = (...args) => Reflect.apply(fn, object, args[0] === object ? args.slice(1) : args);
      Object.defineProperty(method, 'name', {value: fn.name});
      known.set(fn, method);
    }
    return method;
  }
}

function isList(object: object): object is ArrayLike<unknown> {
  return Array.isArray(object) || (ArrayBuffer.isView(object) && !(object instanceof DataView));
}

function nameOf(object: object, key: unknown): string {
  if (typeof key === 'number' && isList(object)) return String(key - 1);
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint') return String(key);
  if (key instanceof Uint8Array) return asText(key);
  throw new TypeError(`a property of ${describeKind(object)} has a string or a number for its name`);
}

/** Whether the object, or its class, has a property of that name. */
function isReadable(object: object, name: string): boolean {
  if (Object.hasOwn(object, name)) return true;
  if (name === 'constructor' || name === '__proto__') return false;
  for (let holder: unknown = Object.getPrototypeOf(object); holder !== null; ) {
    const next: unknown = Object.getPrototypeOf(holder);
    // The last one is Object.prototype, of whatever realm.
    if (next === null) return false;
    if (Object.hasOwn(holder as object, name)) return true;
    holder = next;
  }
  return false;
}
