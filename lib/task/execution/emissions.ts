import type {Sendable} from '../../sendable.js';

/** Beyond so many values that nobody has read who reads, whoever emits waits. */
const mostAhead = 1000;

/** One who reads what a task emits, from the first value on. */
export interface EmissionReader extends AsyncIterableIterator<Sendable, undefined> {
  /** Reads no more; nobody waits for it then. */
  close(): void;
}

interface Position {
  read: number;
  readonly restart: () => void;
}

/**
 * What one task hands on while it runs. Every value of an attempt is kept: whoever reads begins with the first, also after the task
 * has ended. The values of a failed attempt are taken back, and who has read from it begins anew.
 */
export class Emissions {
  /** The task ended without success. */
  hasFailed = false;
  #values: Sendable[] = [];
  #hasEnded = false;
  #changed: (() => void)[] = [];
  readonly #readers = new Set<Position>();
  readonly #begun: () => void;

  /** @param begun told at the beginning of the first attempt. */
  constructor(begun: () => void) {
    this.#begun = begun;
  }

  get values(): readonly Sendable[] {
    return this.#values;
  }

  /** An attempt begins: what the one before emitted does not count. */
  begin(): void {
    this.#values = [];
    this.#begun();
    for (const reader of [...this.#readers]) if (reader.read > 0) reader.restart();
  }

  /** Hands a value on; resolves when whoever reads fastest is not far behind. */
  async emit(value: Sendable): Promise<void> {
    const attempt = this.#values;
    attempt.push(value);
    this.#tell();
    while (attempt === this.#values && this.#isFarAhead()) await this.#change();
  }

  /** It succeeded: nothing comes any more. @param values those it had emitted, where it did not run. */
  end(values: readonly Sendable[] = this.#values): void {
    this.#values = [...values];
    this.#hasEnded = true;
    this.#tell();
  }

  /** @param restart called when what was read does not count any more. */
  read(restart: () => void): EmissionReader {
    const position: Position = {read: 0, restart};
    let isOver = false;
    this.#readers.add(position);
    const close = (): void => {
      isOver = true;
      this.#readers.delete(position);
      this.#tell();
    };
    const over = {done: true, value: undefined} as const;
    const next = async (): Promise<IteratorResult<Sendable, undefined>> => {
      while (!isOver && position.read >= this.#values.length && !this.#hasEnded) await this.#change();
      if (isOver || position.read >= this.#values.length) return over;
      const value = this.#values[position.read];
      position.read += 1;
      this.#tell();
      return {done: false, value};
    };
    return {
      next,
      close,
      return: async () => {
        close();
        return over;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #isFarAhead(): boolean {
    const furthest = Math.max(...[...this.#readers].map(({read}) => read));
    return this.#readers.size > 0 && this.#values.length - furthest > mostAhead;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
