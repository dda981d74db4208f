import type {StateEntry, StateStore, StateTransaction, StateView} from './state-store.js';

/** Entries in memory: a store by itself, and what the log is read into. */
export class MemoryStore implements StateStore {
  readonly backend: string = 'memory';
  readonly #entries = new Map<string, StateEntry>();
  #seq = 0;

  /** Takes an entry as it is. */
  set(entry: StateEntry): void {
    // Anew, so that the order is that of the changes.
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    this.#seq = Math.max(this.#seq, entry.seq);
  }

  clear(): void {
    this.#entries.clear();
    this.#seq = 0;
  }

  read<T>(work: (view: StateView) => T): T {
    return work(this.#view());
  }

  transact<T>(work: (transaction: StateTransaction) => T): T {
    const changes = this.prepare(work);
    for (const entry of changes.entries) this.set(entry);
    return changes.result;
  }

  /** Does the work on the side: what it would change. */
  prepare<T>(work: (transaction: StateTransaction) => T): {
    readonly result: T;
    readonly entries: readonly StateEntry[];
  } {
    const changed = new Map<string, StateEntry>();
    let seq = this.#seq;
    const view = this.#view();
    const result = work({
      get: (key) => changed.get(key) ?? view.get(key),
      list: (prefix) => [
        ...view.list(prefix).filter(({key}) => !changed.has(key)),
        ...[...changed.values()].filter(({key}) => key.startsWith(prefix)),
      ],
      since: (last) => view.since(last),
      lastSeq: () => seq,
      put(key, value, expires) {
        seq += 1;
        changed.delete(key);
        changed.set(key, {key, value, expires, seq});
      },
    });
    return {result, entries: [...changed.values()]};
  }

  close(): void {}

  #view(): StateView {
    const all = () => [...this.#entries.values()];
    return {
      get: (key) => this.#entries.get(key),
      list: (prefix) => all().filter(({key}) => key.startsWith(prefix)),
      since: (seq) => all().filter((entry) => entry.seq > seq),
      lastSeq: () => this.#seq,
    };
  }
}
