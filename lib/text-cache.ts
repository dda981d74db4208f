const slots = 1 << 10;
const longest = 32;

/**
 * Strings by their ASCII bytes: field names come again and again, and one that is known need not be made anew. Holds as many as
 * it has slots.
 */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array(slots).fill(undefined);

  read(bytes: Buffer, from: number, length: number): string {
    if (length > longest) return bytes.toString('latin1', from, from + length);
    let hash = length;
    for (let at = from; at < from + length; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 10)) & (slots - 1);
    const known = this.#texts[slot];
    if (known !== undefined && isAt(bytes, from, length, known)) return known;
    const text = bytes.toString('latin1', from, from + length);
    this.#texts[slot] = text;
    return text;
  }
}

function isAt(bytes: Buffer, from: number, length: number, text: string): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
