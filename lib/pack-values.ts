import {types} from 'node:util';
import type {Border, LocalBorder} from './border.js';
import {classNameOf, errorFields, nameOf} from './describe-thrown.js';
import {ValueError} from './errors.js';
import {LuaHandle, nativeHandleOf} from './lua-handle.js';
import {deepest, headerBytes, tag} from './native/host-format.js';
import {PackPath} from './pack-path.js';
import {PackWriter, TooLargeError} from './pack-writer.js';
import {checkAttached, describeInstance, lengthOf, Refusal} from './refusal.js';
import {LuaFloat, luaNull} from './special-values.js';
import {isPlainObject} from './util/plain-object.js';
import {textOf} from './util/text-of.js';
import {typedArrays} from './util/typed-arrays.js';

const int64 = {least: -(2n ** 63n), most: 2n ** 63n - 1n} as const;
const fewObjects = 8;
const deepestCause = 16;

const typedArrayNames = typedArrays.map(({name}) => name as string | undefined);
const float32Array = tag.firstTypedArray + typedArrays.indexOf(Float32Array);
const float64Array = tag.firstTypedArray + typedArrays.indexOf(Float64Array);
/** The name of a typed array's type, of whatever realm; undefined for anything else. */
const typeNameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as (this: unknown) => string | undefined;

/** What the addon takes in as one message (native/node/host_values.h): its bytes, then the handles they name. */
export type PackedValues = unknown[];

/**
 * Packs a list of values for the addon.
 *
 * @throws ValueError naming the path of the first value that cannot cross, such as `args[1].when`.
 */
export function packValues(values: readonly unknown[], border: Border, path = 'args'): PackedValues {
  return pack(values, border, (index) => `${path}[${index}]`, 0);
}

/** As {@link packValues}, for a record: its names and values in turn. */
export function packRecord(record: Readonly<Record<string, unknown>>, border: Border, path: string): PackedValues {
  return pack(Object.entries(record).flat(), border, (index, values) => `${path}.${String(values[index - 1])}`, 0);
}

/** Packs what a host function threw, whatever it is, as one value: an error of Lua. */
export function packThrown(thrown: unknown, border: Border): PackedValues {
  return pack([new Thrown(thrown)], border, () => 'the error', 0);
}

/** Gives up a message that was never sent: Lua gets no handle of what it names. */
export function dropMessage(message: PackedValues, border: Border): void {
  for (const part of message.slice(1)) {
    if (!Array.isArray(part)) continue;
    border.objects.release(part[0]);
    if (Array.isArray(part[2])) dropMessage(part[2], border);
  }
}

class Thrown {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

type RootPath = (index: number, values: readonly unknown[]) => string;

// More than one is at work only while a getter, or an error, makes another message.
const idle: Packer[] = [];

function pack(values: readonly unknown[], border: Border, rootPath: RootPath, causes: number): PackedValues {
  const packer = idle.pop() ?? new Packer();
  try {
    return packer.pack(values, border, rootPath, causes);
  } finally {
    packer.reset();
    idle.push(packer);
  }
}

/** Walks a graph of values breadth first (native/data/host_format.h says what it writes). */
class Packer {
  readonly #writer = new PackWriter();
  readonly #path = new PackPath();
  /** Of each object that was met: itself, its tag, and what it had then. */
  readonly #objects: object[] = [];
  readonly #kinds: number[] = [];
  readonly #contents: unknown[] = [];
  readonly #numbers = new Map<object, number>();
  readonly #handleNumbers = new Map<object, number>();
  #message: PackedValues = [];
  #border!: Border;
  #causes = 0;
  #nils = 0;

  pack(values: readonly unknown[], border: Border, rootPath: RootPath, causes: number): PackedValues {
    this.#border = border;
    this.#causes = causes;
    this.#message = [undefined];
    try {
      this.#write(values);
    } catch (error) {
      dropMessage(this.#message, border);
      if (error instanceof ValueError) throw error;
      const path = this.#path.describe(this.#objects, (index) => rootPath(index, values));
      if (error instanceof Refusal) throw new ValueError(path, error.message);
      if (error instanceof TooLargeError) throw new ValueError(path, error.message);
      throw new ValueError(path, `reading it threw: ${textOf(error)}`, {cause: error});
    }
    this.#message[0] = this.#writer.take();
    return this.#message;
  }

  reset(): void {
    this.#writer.drop();
    this.#path.clear();
    this.#objects.length = 0;
    this.#kinds.length = 0;
    this.#contents.length = 0;
    if (this.#numbers.size > 0) this.#numbers.clear();
    if (this.#handleNumbers.size > 0) this.#handleNumbers.clear();
    this.#message = [];
  }

  #write(values: readonly unknown[]): void {
    const writer = this.#writer;
    for (let i = 0; i < headerBytes; i += 1) writer.byte(0);
    writer.patch(0, values.length);
    for (let index = 0; index < values.length; index += 1) {
      this.#path.step = index;
      this.#put(values[index]);
    }
    let depth = 1;
    let levelEnd = this.#objects.length;
    for (let number = 0; number < this.#objects.length; number += 1) {
      this.#path.enter(number);
      if (number === levelEnd) {
        levelEnd = this.#objects.length;
        depth += 1;
        if (depth > deepest) throw new Refusal(`values nested more than ${deepest} deep cannot cross into Lua`);
      }
      this.#putRecord(number);
    }
    writer.patch(4, this.#objects.length);
  }

  #put(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#writer.text(value);
        break;
      case 'number':
        this.#writer.number(value);
        break;
      case 'boolean':
        this.#writer.byte(value ? tag.true : tag.false);
        break;
      case 'undefined':
        this.#putNil();
        break;
      case 'bigint':
        this.#putBigint(value);
        break;
      case 'function':
        this.#putHandle(
          value,
          () => this.#border.local?.handleOf(value) ?? [this.#border.objects.hold(value), nameOf(value)],
        );
        break;
      case 'object':
        if (value !== null) this.#putObject(value);
        else if (this.#border.rules.nulls === 'keep') this.#putHandle(luaNull, () => null);
        else this.#putNil();
        break;
      default:
        throw new Refusal('a symbol cannot cross into Lua');
    }
  }

  #putNil(): void {
    this.#nils += 1;
    this.#writer.byte(tag.nil);
  }

  #putBigint(value: bigint): void {
    if (value < int64.least || value > int64.most) {
      throw new Refusal("a bigint beyond 64 bits cannot cross into Lua; Lua's integers end at 2^63 - 1");
    }
    this.#writer.bigint(value);
  }

  #putObject(value: object): void {
    const known = this.#numberOf(value);
    if (known >= 0) {
      this.#writer.count(tag.same, known);
      return;
    }
    const {local} = this.#border;
    if (local && this.#putLocal(value, local)) return;
    if (Array.isArray(value)) {
      const length = lengthOf(value);
      this.#meet(tag.list, length, value, length);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || (prototype === null && value !== luaNull)) this.#meetRecord(value);
    else this.#putSpecial(value);
  }

  /** What a synchronous engine refers to instead of copying it. */
  #putLocal(value: object, local: LocalBorder): boolean {
    const handle = local.handleOf(value);
    if (handle) this.#putHandle(value, () => handle);
    else if (local.refersToAll && local.refersTo(value)) this.#putReference(value);
    else return false;
    return true;
  }

  #putReference(value: object): void {
    this.#putHandle(value, () => [this.#border.objects.hold(value), classNameOf(value), null]);
  }

  #putSpecial(value: object): void {
    if (value === luaNull) this.#putHandle(value, () => null);
    else if (value instanceof LuaHandle) this.#putHandle(value, () => this.#nativeOf(value));
    else if (value instanceof LuaFloat) this.#writer.double(tag.float, value.value);
    else if (value instanceof Thrown) this.#putThrown(value, value.value);
    else if (types.isMap(value)) {
      const entries = [...Map.prototype.entries.call(value)];
      this.#meet(tag.map, entries.length, value, entries);
    } else if (types.isSet(value)) {
      const members = [...Set.prototype.values.call(value)];
      this.#meet(tag.set, members.length, value, members);
    } else if (types.isDate(value)) {
      this.#remember(value, tag.date, undefined);
      this.#writer.double(tag.date, Date.prototype.getTime.call(value));
    } else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) this.#putBuffer(value);
    else if (types.isNativeError(value) || value instanceof Error) this.#putThrown(value, value);
    else if (isPlainObject(value)) this.#meetRecord(value);
    else if (this.#border.local?.refersTo(value)) this.#putReference(value);
    else throw new Refusal(describeInstance(value));
  }

  #putBuffer(value: ArrayBufferView | ArrayBufferLike): void {
    const kind = typedArrayNames.indexOf(typeNameOf.call(value));
    if (kind >= 0) {
      const array = value as Int8Array;
      if (array.length === 0) checkAttached(array.buffer);
      const length = lengthOf(array);
      this.#meet(tag.firstTypedArray + kind, length, array, length);
      return;
    }
    const isView = ArrayBuffer.isView(value);
    const buffer = isView ? value.buffer : value;
    checkAttached(buffer);
    this.#writer.bytes(isView ? new Uint8Array(buffer, value.byteOffset, value.byteLength) : new Uint8Array(buffer));
  }

  #meetRecord(value: object): void {
    const names = Object.keys(value);
    this.#meet(tag.record, names.length, value, names);
  }

  #meet(kind: number, count: number, value: object, content: unknown): void {
    this.#remember(value, kind, content);
    this.#writer.count(kind, count);
  }

  #remember(value: object, kind: number, content: unknown): void {
    const number = this.#objects.push(value) - 1;
    this.#kinds.push(kind);
    this.#contents.push(content);
    this.#path.meet();
    if (number === fewObjects) this.#objects.forEach((object, index) => void this.#numbers.set(object, index));
    else if (number > fewObjects) this.#numbers.set(value, number);
  }

  #numberOf(value: object): number {
    return this.#objects.length <= fewObjects ? this.#objects.indexOf(value) : (this.#numbers.get(value) ?? -1);
  }

  #putRecord(number: number): void {
    const value = this.#objects[number] as object;
    const content = this.#contents[number];
    const kind = this.#kinds[number] as number;
    switch (kind) {
      case tag.record:
        this.#putFields(value as Readonly<Record<string, unknown>>, content as readonly string[]);
        break;
      case tag.map:
        this.#putMap(value as ReadonlyMap<unknown, unknown>, content as readonly (readonly [unknown, unknown])[]);
        break;
      case tag.set:
        this.#putSet(content as readonly unknown[]);
        break;
      case tag.date:
        this.#writer.count(kind, 0);
        break;
      case float32Array:
      case float64Array:
        this.#putFloats(kind, value as Float64Array, content as number);
        break;
      default:
        this.#putList(kind, value as ArrayLike<unknown>, content as number);
        break;
    }
  }

  #putList(kind: number, list: ArrayLike<unknown>, length: number): void {
    const place = this.#writer.length;
    this.#writer.count(kind, length);
    const nils = this.#nils;
    for (let index = 0; index < length; index += 1) {
      this.#path.step = index;
      this.#put(list[index]);
    }
    if (this.#nils > nils) this.#writer.patchByte(place, tag.holes);
  }

  #putFloats(kind: number, array: Float64Array, length: number): void {
    this.#writer.count(kind, length);
    for (let index = 0; index < length; index += 1) this.#writer.double(tag.float, array[index] ?? Number.NaN);
  }

  #putFields(record: Readonly<Record<string, unknown>>, names: readonly string[]): void {
    this.#writer.count(tag.record, names.length);
    for (const name of names) {
      this.#path.step = name;
      this.#writer.text(name);
      this.#put(record[name]);
    }
  }

  #putMap(map: ReadonlyMap<unknown, unknown>, entries: readonly (readonly [unknown, unknown])[]): void {
    this.#writer.count(tag.map, entries.length);
    for (const [key, value] of entries) {
      this.#path.enterKey();
      if (typeof key === 'bigint' && map.has(Number(key)) && BigInt(Number(key)) === key) {
        throw new Refusal(`${key}n and ${key} are one key in Lua; a map with both cannot cross`);
      }
      this.#putKey(key);
      this.#path.step = key;
      this.#put(value);
    }
  }

  #putSet(members: readonly unknown[]): void {
    this.#writer.count(tag.set, members.length);
    for (const member of members) {
      this.#path.enterKey();
      this.#putKey(member);
    }
  }

  #putKey(key: unknown): void {
    const isNil = key === undefined || (key === null && this.#border.rules.nulls === 'nil');
    if (isNil) throw new Refusal(`${key} cannot be a key in Lua, as nil cannot`);
    if (Number.isNaN(key)) throw new Refusal('NaN cannot be a key in Lua');
    this.#put(key);
  }

  #putThrown(identity: object, thrown: unknown): void {
    this.#putHandle(identity, () => {
      const text = textOf(thrown, 'the host function threw ');
      return [this.#border.objects.hold(thrown), text, this.#packError(thrown, text)];
    });
  }

  /** The fields of an error as a message of its own; without its cause where that cannot cross. */
  #packError(thrown: unknown, text: string): PackedValues {
    const fields = errorFields(thrown, text);
    if (this.#causes >= deepestCause) delete fields['cause'];
    const path = () => 'the error';
    try {
      return pack([fields], this.#border, path, this.#causes + 1);
    } catch {
      delete fields['cause'];
      return pack([fields], this.#border, path, this.#causes + 1);
    }
  }

  #putHandle(identity: object, make: () => unknown): void {
    let number = this.#handleNumbers.get(identity);
    if (number === undefined) {
      number = this.#message.push(make()) - 2;
      this.#handleNumbers.set(identity, number);
    }
    this.#writer.count(tag.handle, number);
  }

  #nativeOf(handle: LuaHandle): unknown {
    const native = nativeHandleOf(handle, this.#border.core);
    if (native === 'released') throw new Refusal(`a ${handle.kind} that was released cannot cross into Lua`);
    if (native === 'foreign') throw new Refusal(`a ${handle.kind} of another runtime cannot cross into Lua`);
    return native;
  }
}
