import {LuaHandle} from '../../lua-handle.js';
import type {Sendable} from '../../sendable.js';
import {LuaFloat, luaNull} from '../../special-values.js';
import {isPlainObject} from '../../util/plain-object.js';
import {hidden, SecretMask} from '../../util/secret-mask.js';
import {typedArrays} from '../../util/typed-arrays.js';

/** A value as JSON keeps it. */
export type StoredValue =
  | null
  | boolean
  | number
  | string
  | readonly StoredValue[]
  | {readonly [key: string]: StoredValue | undefined};

/** A value made ready for the disk, and the paths of what could not be kept: functions, handles, cycles. */
export interface Stored {
  readonly value: StoredValue;
  /** Each as `output.conn: a function cannot be kept`; empty when everything was. */
  readonly lost: readonly string[];
}

const mark = '$';
const maxDepth = 400;

/**
 * Turns what a task handed on into JSON. What JSON has no words for is an object with the one key `$`: bytes, dates, maps,
 * sets, errors, numbers that are not finite, integers of 64 bits; and texts with secrets in them, which are kept as the names
 * of these.
 *
 * @param name what paths in `lost` begin with.
 * @param mask what is secret; missing: nothing.
 */
export function storeValue(value: Sendable, name: string, mask = new SecretMask()): Stored {
  const writer = new Writer(mask);
  return {value: writer.write(value, name, 0), lost: writer.lost};
}

class Writer {
  readonly lost: string[] = [];
  readonly #mask: SecretMask;
  readonly #open = new Set<object>();

  constructor(mask: SecretMask) {
    this.#mask = mask;
  }

  write(value: Sendable, path: string, depth: number): StoredValue {
    if (value === undefined || value === null) return null;
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'string': {
        const parts = this.#mask.parts(value);
        return parts ? {[mark]: ['secret', parts as readonly StoredValue[]]} : value;
      }
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : {[mark]: ['number', numberText(value)]};
      case 'bigint':
        return {[mark]: ['integer', String(value)]};
      case 'object':
        return this.#object(value, path, depth);
      default:
        return this.#lose(path, 'a function cannot be kept');
    }
  }

  #object(value: Extract<Sendable, object>, path: string, depth: number): StoredValue {
    if (value === (luaNull as object)) return {[mark]: ['null']};
    if (value instanceof LuaFloat) return {[mark]: ['float', numberText(value.value)]};
    if (value instanceof LuaHandle) return this.#lose(path, `a ${value.constructor.name} cannot be kept`);
    if (value instanceof Date) return {[mark]: ['date', numberText(value.getTime())]};
    if (value instanceof Error) return {[mark]: ['error', value.name, this.#mask.text(value.message)]};
    if (ArrayBuffer.isView(value)) return viewOf(value);
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bytes(new Uint8Array(value));
    if (this.#open.has(value)) return this.#lose(path, 'what contains itself cannot be kept');
    if (depth >= maxDepth) return this.#lose(path, `what is nested ${maxDepth} levels deep cannot be kept`);
    this.#open.add(value);
    const stored = this.#container(value, path, depth + 1);
    this.#open.delete(value);
    return stored;
  }

  #container(value: object, path: string, depth: number): StoredValue {
    if (Array.isArray(value)) return value.map((item, index) => this.write(item, `${path}[${index + 1}]`, depth));
    if (value instanceof Map) {
      const pairs = [...value].map(([key, item]) => [
        this.write(key, `${path}{key}`, depth),
        this.write(item, `${path}{value}`, depth),
      ]);
      return {[mark]: ['map', pairs]};
    }
    if (value instanceof Set) {
      return {[mark]: ['set', [...value].map((item) => this.write(item, `${path}{item}`, depth))]};
    }
    if (!isPlainObject(value)) return this.#lose(path, `a ${value.constructor?.name ?? 'value'} cannot be kept`);
    const fields = Object.entries(value).map(
      ([key, item]) => [this.#key(key, path), this.write(item as Sendable, `${path}.${key}`, depth)] as const,
    );
    const object = Object.fromEntries(fields);
    return mark in object ? {[mark]: ['object', object]} : object;
  }

  #key(key: string, path: string): string {
    const shown = this.#mask.text(key);
    if (shown !== key) this.lost.push(`${path}.${shown}: a name that is secret cannot be kept`);
    return shown;
  }

  #lose(path: string, why: string): null {
    this.lost.push(`${path}: ${why}`);
    return null;
  }
}

/**
 * A kept value, or anything with kept values in it, with its secrets put in again.
 *
 * @param find the secret of a name.
 * @throws what `find` does.
 */
export function withSecrets(stored: StoredValue, find: (name: string) => string): StoredValue {
  if (stored === null || typeof stored !== 'object') return stored;
  if (Array.isArray(stored)) return (stored as readonly StoredValue[]).map((item) => withSecrets(item, find));
  const object = stored as Readonly<Record<string, StoredValue | undefined>>;
  const special = object[mark];
  if (!Array.isArray(special)) return fieldsWithSecrets(object, find);
  const [kind, content, ...more] = special as readonly StoredValue[];
  if (kind === 'secret') {
    const texts = list(content).map((part) => (typeof part === 'string' ? part : find(secretNameIn(part))));
    return texts.join('');
  }
  if (kind === 'map' || kind === 'set') return {[mark]: [kind, withSecrets(content ?? null, find), ...more]};
  // What is called `$` in there is the program's own.
  if (kind === 'object') return {[mark]: [kind, fieldsWithSecrets(content as typeof object, find)]};
  return stored;
}

function fieldsWithSecrets(
  object: Readonly<Record<string, StoredValue | undefined>>,
  find: (name: string) => string,
): StoredValue {
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [key, item === undefined ? item : withSecrets(item, find)]),
  );
}

function secretNameIn(part: StoredValue | undefined): string {
  const name = (part as {readonly secret?: unknown} | null)?.secret;
  if (typeof name !== 'string') throw new Error('not a kept value');
  return name;
}

/**
 * The value that {@link storeValue} was given, with `***` for secrets and without what was lost.
 *
 * @throws Error when it is nothing that {@link storeValue} makes.
 */
export function restoreValue(stored: StoredValue | undefined): Sendable {
  if (stored === null || stored === undefined) return undefined;
  if (typeof stored !== 'object') return stored;
  if (Array.isArray(stored)) return (stored as readonly StoredValue[]).map(restoreValue);
  const object = stored as Readonly<Record<string, StoredValue | undefined>>;
  const special = object[mark];
  if (special === undefined) return fieldsOf(object);
  if (!Array.isArray(special)) throw new Error('not a kept value');
  return restoreSpecial(special as readonly StoredValue[]);
}

function restoreSpecial([kind, content, more]: readonly StoredValue[]): Sendable {
  const text = typeof content === 'string' ? content : '';
  switch (kind) {
    case 'null':
      return luaNull;
    case 'number':
      return Number(text);
    case 'float':
      return new LuaFloat(Number(text));
    case 'integer':
      return BigInt(text);
    case 'date':
      return new Date(Number(text));
    case 'bytes':
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'error':
      return Object.assign(new Error(String(more)), {name: text});
    case 'map':
      return new Map(list(content).map((pair) => [restoreValue(list(pair)[0]), restoreValue(list(pair)[1])]));
    case 'set':
      return new Set(list(content).map(restoreValue));
    case 'secret':
      return list(content)
        .map((part) => (typeof part === 'string' ? part : hidden))
        .join('');
    case 'object':
      return fieldsOf(content as Readonly<Record<string, StoredValue | undefined>>);
    default:
      return restoreView(kind, text, more);
  }
}

function fieldsOf(object: Readonly<Record<string, StoredValue | undefined>>): Sendable {
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, restoreValue(item)]));
}

function viewOf(view: ArrayBufferView): StoredValue {
  const raw = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const type = typedArrays.find((candidate) => view instanceof candidate);
  return type ? {[mark]: ['view', type.name, Buffer.from(raw).toString('base64')]} : bytes(raw);
}

function restoreView(kind: StoredValue | undefined, name: string, content: StoredValue | undefined): Sendable {
  const type = typedArrays.find((candidate) => candidate.name === name);
  if (kind !== 'view' || !type || typeof content !== 'string') throw new Error('not a kept value');
  const raw = new Uint8Array(Buffer.from(content, 'base64'));
  return new type(raw.buffer, 0, Math.floor(raw.byteLength / type.BYTES_PER_ELEMENT));
}

function bytes(raw: Uint8Array): StoredValue {
  return {[mark]: ['bytes', Buffer.from(raw).toString('base64')]};
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function list(value: StoredValue | undefined): readonly StoredValue[] {
  if (!Array.isArray(value)) throw new Error('not a kept value');
  return value as readonly StoredValue[];
}
