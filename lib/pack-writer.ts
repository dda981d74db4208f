import {tag} from './native/host-format.js';
import {encodeWtf8} from './util/wtf8.js';

const slabBytes = 1 << 16;
const mostBytes = 2 ** 30;
const shortLength = 64;
const largestInt32 = 0x7fff_ffff;

/** A message may not have more bytes than a parcel of the addon. */
export class TooLargeError extends RangeError {}

/**
 * Writes values into a slab of memory, one message after the other. What {@link take} gave away is never written again: when
 * a slab is full there is a new one.
 */
export class PackWriter {
  #bytes = Buffer.alloc(0);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;
  #at = 0;

  /** Where the next byte goes, from the beginning of the message. */
  get length(): number {
    return this.#at - this.#start;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** A tag and a count. */
  count(kind: number, count: number): void {
    this.#reserve(5);
    this.#bytes[this.#at] = kind;
    this.#view.setUint32(this.#at + 1, count, true);
    this.#at += 5;
  }

  /** Writes a count once more, at a place that has one. */
  patch(place: number, count: number): void {
    this.#view.setUint32(this.#start + place, count, true);
  }

  patchByte(place: number, value: number): void {
    this.#bytes[this.#start + place] = value;
  }

  number(value: number): void {
    this.#reserve(9);
    const small = value | 0;
    // An integer that a double holds exactly, but not -0.
    if (small === value && (small !== 0 || 1 / value > 0)) {
      this.#bytes[this.#at] = tag.int32;
      this.#view.setInt32(this.#at + 1, small, true);
      this.#at += 5;
      return;
    }
    this.double(Math.abs(value) > largestInt32 && Number.isSafeInteger(value) ? tag.integer : tag.float, value);
  }

  double(kind: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.#at] = kind;
    this.#view.setFloat64(this.#at + 1, value, true);
    this.#at += 9;
  }

  bigint(value: bigint): void {
    this.#reserve(9);
    this.#bytes[this.#at] = tag.int64;
    this.#view.setBigInt64(this.#at + 1, value, true);
    this.#at += 9;
  }

  text(text: string): void {
    if (text.length > shortLength || !this.#tryAscii(text)) this.#longText(text);
  }

  bytes(bytes: Uint8Array): void {
    this.#tagged(tag.bytes, bytes);
  }

  /** The message. */
  take(): Uint8Array {
    const message = this.#bytes.subarray(this.#start, this.#at);
    this.#start = this.#at;
    if (this.#bytes.length > slabBytes) this.#moveTo(0);
    return message;
  }

  /** Forgets the message. */
  drop(): void {
    this.#at = this.#start;
  }

  #tryAscii(text: string): boolean {
    const {length} = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = tag.shortText;
    bytes[at++] = length;
    for (let i = 0; i < length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }

  #longText(text: string): void {
    // Since Node 20; the library's types are older.
    const wellFormed = (text as unknown as {isWellFormed(): boolean}).isWellFormed();
    if (!wellFormed) {
      this.#tagged(tag.text, encodeWtf8(text));
      return;
    }
    const length = Buffer.byteLength(text);
    this.count(tag.text, length);
    this.#reserve(length);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  #tagged(kind: number, bytes: Uint8Array): void {
    this.count(kind, bytes.byteLength);
    this.#reserve(bytes.byteLength);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  #reserve(count: number): void {
    if (this.#bytes.length - this.#at < count) this.#moveTo(count);
  }

  /** To a new slab, with room for `more` bytes behind what the message has already. */
  #moveTo(more: number): void {
    const {length} = this;
    if (length + more > mostBytes) throw new TooLargeError('values of more than 1 GiB cannot cross into Lua');
    const size = Math.max(slabBytes, length === 0 ? more : 2 * length + more);
    const bytes = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(bytes, 0, this.#start, this.#at);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#start = 0;
    this.#at = length;
  }
}
