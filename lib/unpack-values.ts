import type {Border} from './border.js';
import {wrapHandle} from './handle-kinds.js';
import {headerBytes, tag} from './native/host-format.js';
import type {NativeHandle} from './native/native-handle.js';
import type {Sendable} from './sendable.js';
import {luaNull} from './special-values.js';
import {TextCache} from './text-cache.js';
import {typedArrays} from './util/typed-arrays.js';
import {decodeWtf8} from './util/wtf8.js';
import type {ValueRules} from './value-options.js';

const names = new TextCache();
const objectPrototype = Object.prototype;

/** Reads a message as the addon gives it out: a buffer, an offset, then handles (native/node/host_values.h). */
export function unpackValues(
  message: readonly unknown[],
  border: Border,
  rules: ValueRules = border.rules,
): Sendable[] {
  if (message.length === 0) return [];
  return new Unpacker(message, border, rules).unpack();
}

// What bytes were seen last, and the view of them: most messages come in one buffer.
let lastBytes: Buffer = Buffer.alloc(0);
let lastView = new DataView(lastBytes.buffer);

function viewOf(bytes: Buffer): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return lastView;
}

class Unpacker {
  readonly #message: readonly unknown[];
  readonly #border: Border;
  readonly #rules: ValueRules;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;
  readonly #objects: unknown[] = [];
  /** By their index in the message, as far as they were met. */
  #handles: unknown[] | undefined;

  constructor(message: readonly unknown[], border: Border, rules: ValueRules) {
    this.#message = message;
    this.#border = border;
    this.#rules = rules;
    this.#bytes = message[0] as Buffer;
    this.#view = viewOf(this.#bytes);
    this.#at = message[1] as number;
  }

  unpack(): Sendable[] {
    const count = this.#view.getUint32(this.#at, true);
    this.#at += headerBytes;
    const values: Sendable[] = [];
    for (let index = 0; index < count; index += 1) values.push(this.#value() as Sendable);
    // Records may introduce further objects.
    for (let number = 0; number < this.#objects.length; number += 1) this.#fill(this.#objects[number]);
    return values;
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number;
  }

  #count(): number {
    const count = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return count;
  }

  #double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  #value(): unknown {
    const kind = this.#byte();
    switch (kind) {
      case tag.nil:
        return undefined;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.int32:
        this.#at += 4;
        return this.#view.getInt32(this.#at - 4, true);
      case tag.integer:
      case tag.float:
        return this.#double();
      case tag.int64:
        this.#at += 8;
        return this.#view.getBigInt64(this.#at - 8, true);
      case tag.shortText:
        return this.#string(kind, this.#byte());
      case tag.ascii:
      case tag.text:
      case tag.bytes:
        return this.#string(kind, this.#count());
      case tag.same:
        return this.#objects[this.#count()];
      case tag.handle:
        return this.#handle(this.#count());
      case tag.date:
        return this.#meet(new Date(this.#double()));
      default:
        return this.#meet(this.#newObject(kind, this.#count()));
    }
  }

  #string(kind: number, length: number): unknown {
    const {strings} = this.#rules;
    if (strings === 'bytes' || (kind === tag.bytes && strings === 'auto')) {
      this.#at += length;
      return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at));
    }
    return this.#text(kind, length);
  }

  #text(kind: number, length: number): string {
    const from = this.#at;
    this.#at += length;
    if (kind === tag.shortText) return names.read(this.#bytes, from, length);
    if (kind === tag.ascii) return this.#bytes.toString('latin1', from, from + length);
    if (kind === tag.bytes) return this.#bytes.toString('utf8', from, from + length);
    return decodeWtf8(this.#bytes.subarray(from, from + length));
  }

  #meet(object: unknown): unknown {
    this.#objects.push(object);
    return object;
  }

  #newObject(kind: number, count: number): unknown {
    switch (kind) {
      case tag.record:
        return count === 0 && this.#rules.emptyTables === 'array' ? [] : {};
      case tag.map:
        return new Map();
      case tag.set:
        return new Set();
      default:
        // Typed arrays, too: they are known by their record, once their numbers are.
        return kind === tag.list ? [] : this.#newTypedArray(kind, count);
    }
  }

  #newTypedArray(kind: number, count: number): unknown {
    const type = typedArrays[kind - tag.firstTypedArray];
    if (!type) throw new Error(`the addon sent an unknown tag: ${kind}`);
    return new type(count);
  }

  #fill(object: unknown): void {
    const kind = this.#byte();
    const count = this.#count();
    switch (kind) {
      case tag.date:
        break;
      case tag.record:
        this.#fillRecord(object as Record<string, unknown>, count);
        break;
      case tag.map:
        for (let i = 0; i < count; i += 1) (object as Map<unknown, unknown>).set(this.#key(), this.#value());
        break;
      case tag.set:
        for (let i = 0; i < count; i += 1) (object as Set<unknown>).add(this.#key());
        break;
      case tag.list:
      case tag.holes:
        for (let i = 0; i < count; i += 1) (object as unknown[]).push(this.#value());
        break;
      default:
        this.#fillTypedArray(object, count);
        break;
    }
  }

  #fillRecord(record: Record<string, unknown>, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const kind = this.#byte();
      const name = this.#text(kind, kind === tag.shortText ? this.#byte() : this.#count());
      const value = this.#value();
      // Where a prototype has something of that name, an assignment might reach it.
      if (name in objectPrototype) defineField(record, name, value);
      else record[name] = value;
    }
  }

  /** Keys of maps stay texts where they are, whatever becomes of other strings. */
  #key(): unknown {
    const kind = this.#bytes[this.#at];
    if (kind === undefined || kind < tag.shortText || kind > tag.text) return this.#value();
    this.#at += 1;
    return this.#text(kind, kind === tag.shortText ? this.#byte() : this.#count());
  }

  #fillTypedArray(array: unknown, count: number): void {
    const isBig = array instanceof BigInt64Array || array instanceof BigUint64Array;
    for (let i = 0; i < count; i += 1) {
      const number = this.#value() as number | bigint;
      if (isBig) array[i] = BigInt(typeof number === 'number' ? Math.trunc(number) || 0 : number);
      else (array as number[])[i] = Number(number);
    }
  }

  #handle(index: number): unknown {
    this.#handles ??= [];
    if (index in this.#handles) return this.#handles[index];
    const value = this.#wrap(this.#message[index + 2]);
    this.#handles[index] = value;
    return value;
  }

  #wrap(handle: unknown): unknown {
    if (handle === null) return this.#rules.nulls === 'keep' ? null : luaNull;
    if (typeof handle === 'number') return this.#border.objects.get(handle);
    const native = handle as NativeHandle;
    return this.#border.local?.wrap(native) ?? wrapHandle(this.#border.core, native);
  }
}

function defineField(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, {value, writable: true, enumerable: true, configurable: true});
}
