import type {Durability, JournalRecord, JournalStore} from './journal-record.js';

/**
 * Writes the records of one run in order. What is added while a commit is on its way, or in the same turn of the event loop,
 * goes into one commit together.
 */
export class GroupCommit {
  readonly #store: JournalStore;
  readonly #run: string;
  readonly #onFailure: (error: unknown) => void;
  #pending: JournalRecord[] = [];
  #durability: Durability = 'process';
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  #broken = false;

  /** @param onFailure hears, once, why nothing can be written any more. */
  constructor(store: JournalStore, run: string, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#run = run;
    this.#onFailure = onFailure;
  }

  /**
   * Adds a record; resolves when it and all before it are as durable as asked, or when nothing can be written any more. Never
   * rejects.
   */
  add(record: JournalRecord, durability: Durability = 'process'): Promise<void> {
    this.#pending.push(record);
    if (durability === 'disk') this.#durability = 'disk';
    this.#next ??= this.#last.then(() => this.#commit());
    return this.#next;
  }

  /** Resolves when everything that was added is written. */
  settled(): Promise<void> {
    return this.#next ?? this.#last;
  }

  #commit(): Promise<void> {
    const records = this.#pending;
    const durability = this.#durability;
    this.#pending = [];
    this.#durability = 'process';
    this.#next = undefined;
    this.#last = this.#broken ? Promise.resolve() : this.#append(records, durability);
    return this.#last;
  }

  async #append(records: readonly JournalRecord[], durability: Durability): Promise<void> {
    try {
      await this.#store.append(this.#run, records, durability);
    } catch (error) {
      this.#broken = true;
      this.#onFailure(error);
    }
  }
}
