import type {SlotOf} from './keep-last.js';

/** Raised when the shape of a record changes so that older programs would misread it. */
export const journalVersion = 1;

/** What a journal keeps about one moment of a run: an object of JSON. `kind` says which moment; `at` is ms since 1970. */
export interface JournalRecord {
  readonly kind: string;
  readonly at: number;
}

/**
 * How much a commit survives: `process`, the death of this process at any moment; `disk`, a loss of power as well.
 */
export type Durability = 'process' | 'disk';

/**
 * Where journals are kept: the port with two implementations, in SQLite and as files of JSON lines. It knows runs and
 * the order of their records, never what they mean.
 *
 * Only the process that holds a run's lock may append to it ({@link lockRun}); anybody may read at any time.
 */
export interface JournalStore {
  readonly name: 'sqlite' | 'log';
  /** Adds records at the end of a run, all or none of them; resolves once they are as durable as asked. */
  append(run: string, records: readonly JournalRecord[], durability: Durability): Promise<void>;
  /** All records of a run in order; empty when there is no such run. */
  read(run: string): readonly JournalRecord[];
  /** The ids of all runs, newest first. Ids sort by time. */
  runs(): readonly string[];
  /** The first and the last record of a run, which is cheaper than all. */
  ends(run: string): {readonly first: JournalRecord; readonly last: JournalRecord} | undefined;
  /** Gives back the room of records that later ones of the same slot replaced. */
  compact(run: string, slotOf: SlotOf): Promise<void>;
  /** Forgets a run. */
  remove(run: string): void;
  close(): void;
}
