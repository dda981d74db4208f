/** Values that one pushes and others read, as many readers as there are, each from the first value on. */
export class EventStream<T> {
  readonly #values: T[] = [];
  #ended = false;
  #changed: (() => void)[] = [];

  push(value: T): void {
    this.#values.push(value);
    this.#tell();
  }

  /** Nothing comes any more. */
  end(): void {
    this.#ended = true;
    this.#tell();
  }

  async *read(): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#values.length) {
        if (this.#ended) return;
        await new Promise<void>((resolve) => this.#changed.push(resolve));
      }
      yield this.#values[index] as T;
    }
  }

  #tell(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}
