/** What is shown instead of a secret. */
export const hidden = '***';

/** A piece of a text that is taken apart: as it is, or a secret by its name. */
export type TextPart = string | {readonly secret: string};

/** Replaces secrets in everything that is shown or written down. Shorter ones than four characters would hide too much. */
export class SecretMask {
  /** With the names they have, if any. */
  readonly #secrets = new Map<string, string | undefined>();
  #pattern: RegExp | undefined;
  #whenUsed: (() => void) | undefined;

  /**
   * Hides a text from now on; of one with several lines each line, too.
   *
   * @param name by which the secret can be found again; that of a line has `#` and its number behind it.
   */
  add(secret: string, name?: string): void {
    for (const [index, part] of [secret, ...secret.split('\n')].entries()) {
      if (part.trim().length < 4 || this.#secrets.get(part) !== undefined) continue;
      this.#secrets.set(part, name === undefined || index === 0 ? name : `${name}#${index}`);
    }
    const longestFirst = [...this.#secrets.keys()].sort((a, b) => b.length - a.length);
    if (longestFirst.length === 0) return;
    this.#pattern = new RegExp(longestFirst.map(literally).join('|'), 'g');
    this.#whenUsed?.();
    this.#whenUsed = undefined;
  }

  /** Calls once, when there is something to hide. */
  whenUsed(listener: () => void): void {
    if (this.isEmpty) this.#whenUsed = listener;
    else listener();
  }

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  /** The text with `***` for each secret. */
  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, hidden) : text;
  }

  /** The text taken apart at its secrets; one without a name is `***`. Nothing where there is no secret in it. */
  parts(text: string): readonly TextPart[] | undefined {
    if (!this.#pattern) return undefined;
    const parts: TextPart[] = [];
    let from = 0;
    for (const {0: secret, index} of text.matchAll(this.#pattern)) {
      const name = this.#secrets.get(secret);
      if (index > from) parts.push(text.slice(from, index));
      parts.push(name === undefined ? hidden : {secret: name});
      from = index + secret.length;
    }
    if (parts.length === 0) return undefined;
    return from < text.length ? [...parts, text.slice(from)] : parts;
  }

  /** The secret that {@link SecretMask.add} was given with that name, or the line of one. */
  find(name: string): string | undefined {
    for (const [secret, known] of this.#secrets) if (known === name) return secret;
    return undefined;
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
    return new StreamMask(this, () => this.#secrets.keys());
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
