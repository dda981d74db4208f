import {inspect} from 'node:util';
import {engineCall, type NativeEngine} from './native/native-engine.js';
import type {NativeHandle} from './native/native-handle.js';

/**
 * A table (or userdata) of a synchronous engine, by reference. Its properties are its fields, with metamethods: names are
 * string keys, whole numbers are integer keys. It can be looped over, as `pairs` does; its keys are those it had at the beginning.
 *
 * Functions in it are functions; one that Lua declares with a colon, or whose first parameter is called `self`, gets the object
 * it is called on: `account.deposit(10)` is `account:deposit(10)`, while `math.floor(1.5)` is what it is in Lua.
 *
 * @example
 * ```ts
 * const lua = new Lua();
 * const math = lua.get('math') as LuaTable;
 * math['tau'] = 2 * (math['pi'] as number);
 * console.log(lua.eval('return math.tau')); // [6.283185307179586]
 * lua.close();
 * ```
 */
export interface LuaTable extends Iterable<[unknown, unknown]> {
  [name: string]: unknown;
  [position: number]: unknown;
}

const wholeNumber = /^(?:0|-?[1-9]\d{0,15})$/;

/** Makes the object that stands for a table or userdata, or for a coroutine, which has no fields. */
export function makeLuaObject(engine: NativeEngine, handle: NativeHandle, type: string): object {
  const tag = `Lua ${type}`;
  const target = Object.create(null, {[Symbol.toStringTag]: {value: tag, configurable: true}});
  if (type !== 'table' && type !== 'userdata') return Object.freeze(target);
  // Node looks at the target, not at the proxy, for how to show it.
  const show = {value: () => `[${String(engine.operate(engineCall.text, handle))}]`, configurable: true};
  return new Proxy(Object.create(null, {[inspect.custom]: show}), new TableHandler(engine, handle, tag));
}

class TableHandler implements ProxyHandler<object> {
  readonly #engine: NativeEngine;
  readonly #handle: NativeHandle;
  readonly #tag: string;

  constructor(engine: NativeEngine, handle: NativeHandle, tag: string) {
    this.#engine = engine;
    this.#handle = handle;
    this.#tag = tag;
  }

  get(_target: object, key: string | symbol): unknown {
    if (typeof key === 'symbol') return this.#symbol(key);
    // Asked of whatever a promise resolves to; a userdata without fields would raise.
    if (key === 'then' && !this.#isTable) return undefined;
    return this.#engine.operate(engineCall.index, this.#handle, keyOf(key));
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    if (typeof key === 'symbol') return false;
    this.#engine.operate(engineCall.newIndex, this.#handle, keyOf(key), value);
    return true;
  }

  has(target: object, key: string | symbol): boolean {
    return this.get(target, key) !== undefined;
  }

  deleteProperty(target: object, key: string | symbol): boolean {
    return typeof key === 'symbol' || this.set(target, key, undefined);
  }

  ownKeys(): string[] {
    if (!this.#isTable) return [];
    const names = new Set<string>();
    for (const [key] of this.#entries()) {
      if (typeof key === 'string' || (typeof key === 'number' && Number.isSafeInteger(key))) names.add(String(key));
    }
    return [...names];
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (typeof key === 'symbol' || !this.#isTable) return undefined;
    const value = this.#engine.operate(engineCall.rawIndex, this.#handle, keyOf(key));
    return value === undefined ? undefined : {value, writable: true, enumerable: true, configurable: true};
  }

  defineProperty(target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    const isPlain = !descriptor.get && !descriptor.set && descriptor.configurable !== false;
    return isPlain && this.set(target, key, descriptor.value);
  }

  getPrototypeOf(): null {
    return null;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }

  get #isTable(): boolean {
    return this.#tag === 'Lua table';
  }

  #symbol(key: symbol): unknown {
    switch (key) {
      case Symbol.iterator:
        return () => this.#entries();
      case Symbol.toStringTag:
        return this.#tag;
      case Symbol.toPrimitive:
        return () => this.#engine.operate(engineCall.text, this.#handle);
      default:
        return undefined;
    }
  }

  *#entries(): Generator<[unknown, unknown]> {
    const flat = this.#engine.operate(engineCall.entries, this.#handle) as unknown[];
    for (let i = 0; i < flat.length; i += 2) yield [flat[i], flat[i + 1]];
  }
}

function keyOf(name: string): string | number {
  if (!wholeNumber.test(name)) return name;
  const number = Number(name);
  return Number.isSafeInteger(number) ? number : name;
}
