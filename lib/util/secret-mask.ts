const hidden = '***';

/** Replaces secrets in everything that is shown or written down. Shorter ones than four characters would hide too much. */
export class SecretMask {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Hides a text from now on; of one with several lines each line, too. */
  add(secret: string): void {
    for (const part of [secret, ...secret.split('\n')]) if (part.trim().length >= 4) this.#secrets.add(part);
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
    if (longestFirst.length === 0) return;
    this.#pattern = new RegExp(longestFirst.map(literally).join('|'), 'g');
  }

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  /** The text with `***` for each secret. */
  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, hidden) : text;
  }

  /** A value of JSON with every string in it masked, keys included. */
  json<T>(value: T): T {
    if (this.isEmpty || value === undefined) return value;
    return JSON.parse(JSON.stringify(value), (_key, item: unknown) => {
      if (typeof item === 'string') return this.text(item);
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      return Object.fromEntries(Object.entries(item).map(([key, one]) => [this.text(key), one]));
    }) as T;
  }

  /** A filter for one stream of bytes, in which a secret may arrive in pieces. */
  stream(): StreamMask {
    return new StreamMask(this, () => this.#secrets);
  }
}

/** Masks one stream; holds back an end that may be the beginning of a secret. */
export class StreamMask {
  readonly #mask: SecretMask;
  readonly #secrets: () => Iterable<string>;
  #held = '';

  constructor(mask: SecretMask, secrets: () => Iterable<string>) {
    this.#mask = mask;
    this.#secrets = secrets;
  }

  /** What may be shown by now. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#mask.isEmpty && this.#held === '') return bytes;
    // Latin-1 keeps every byte, also of characters that are cut in two; secrets are compared in the same form.
    const text = this.#held + Buffer.from(bytes).toString('latin1');
    const masked = this.#masked(text);
    const keep = this.#beginningOfSecret(masked);
    this.#held = masked.slice(masked.length - keep);
    return Buffer.from(masked.slice(0, masked.length - keep), 'latin1');
  }

  /** What was held back, at the end of the stream. */
  flush(): Uint8Array {
    const rest = Buffer.from(this.#held, 'latin1');
    this.#held = '';
    return rest;
  }

  #masked(text: string): string {
    let masked = text;
    for (const secret of this.#inLatin1()) masked = masked.replaceAll(secret, hidden);
    return masked;
  }

  #beginningOfSecret(text: string): number {
    let longest = 0;
    for (const secret of this.#inLatin1()) {
      for (let length = Math.min(secret.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(secret.slice(0, length))) longest = length;
      }
    }
    return longest;
  }

  #inLatin1(): string[] {
    return [...this.#secrets()]
      .sort((a, b) => b.length - a.length)
      .map((secret) => Buffer.from(secret).toString('latin1'));
  }
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
