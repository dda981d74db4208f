/** Keys of locks, and of what modules keep for themselves, begin with a character that no key of a program may begin with. */
export const hiddenMark = '\u0001';

/** What is kept under one key. */
export interface StateEntry {
  readonly key: string;
  /** The value as the Lua part writes it, or nothing for a key that was removed. */
  readonly value: Uint8Array | undefined;
  /** When it is gone, in ms since 1970; 0: never. */
  readonly expires: number;
  /** Grows with every change of any key. */
  readonly seq: number;
}

/** Entries as they are at one moment; those that were removed are among them. */
export interface StateView {
  get(key: string): StateEntry | undefined;
  /** All whose key begins so. */
  list(prefix: string): readonly StateEntry[];
  /** All that changed behind that number, in the order of their changes. */
  since(seq: number): readonly StateEntry[];
  /** The number of the last change. */
  lastSeq(): number;
}

/** A view that can be changed. */
export interface StateTransaction extends StateView {
  put(key: string, value: Uint8Array | undefined, expires: number): void;
}

/**
 * Where values are kept. Implementations are synchronous: what `transact` returns from is kept, whatever happens to this process then.
 * Several processes may work on one store.
 */
export interface StateStore {
  /** `sqlite`, `log` or `memory`. */
  readonly backend: string;
  read<T>(work: (view: StateView) => T): T;
  /** Nobody else changes anything meanwhile; when the work throws, nothing is changed. */
  transact<T>(work: (transaction: StateTransaction) => T): T;
  close(): void;
}
