/** Something that a program takes piece by piece. */
export interface Source {
  /** The next pieces, at least one; nothing at the end. */
  next(signal: AbortSignal): Promise<readonly unknown[] | undefined>;
  close(): void | Promise<void>;
}

/** The sources that a runtime's programs have open, by number. */
export class OpenSources {
  readonly #sources = new Map<number, Source>();
  #lastId = 0;

  add(source: Source): number {
    this.#lastId += 1;
    this.#sources.set(this.#lastId, source);
    return this.#lastId;
  }

  /** At the end, and when it fails, the source is closed. */
  async next(id: unknown, signal: AbortSignal): Promise<readonly unknown[] | undefined> {
    const source = this.#sources.get(Number(id));
    if (!source) return undefined;
    try {
      const pieces = await source.next(signal);
      if (pieces === undefined) await this.close(id);
      return pieces;
    } catch (error) {
      await this.close(id);
      throw error;
    }
  }

  async close(id: unknown): Promise<true> {
    const source = this.#sources.get(Number(id));
    this.#sources.delete(Number(id));
    await source?.close();
    return true;
  }

  async closeAll(): Promise<void> {
    for (const id of [...this.#sources.keys()]) await this.close(id);
  }
}

/** A source of what an iterator gives, in lists of about `size` values. */
export function sourceOf(values: AsyncIterator<unknown>, size: number): Source {
  return {
    async next() {
      const pieces: unknown[] = [];
      while (pieces.length < size) {
        const {done, value} = await values.next();
        if (done) break;
        pieces.push(...(Array.isArray(value) ? value : [value]));
      }
      return pieces.length > 0 ? pieces : undefined;
    },
    async close() {
      await values.return?.();
    },
  };
}
