import type {OpenSqlite, Sqlite} from '../../task/journal/open-sqlite.js';
import type {StateEntry, StateStore, StateTransaction, StateView} from './state-store.js';

interface Row {
  readonly key: string;
  readonly value: string | null;
  readonly expires: number;
  readonly seq: number;
}

// Removed keys are remembered for those who watch, and no longer than this.
const memoryMs = 24 * 3600 * 1000;

/** Values in a SQLite file. What is committed survives the end of this process; of the machine, all but the last moments does. */
export class SqliteStateStore implements StateStore {
  readonly backend = 'sqlite';
  readonly #database: Sqlite;
  readonly #view: StateView;
  readonly #transaction: StateTransaction;

  constructor(path: string, open: OpenSqlite) {
    const database = open(path);
    this.#database = database;
    database.exec('PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec(
      `CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT, expires INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS state_seq ON state (seq)`,
    );
    // The newest entry stays: numbers must go on from it.
    database
      .prepare('DELETE FROM state WHERE value IS NULL AND at < ? AND seq < (SELECT max(seq) FROM state)')
      .run(Date.now() - memoryMs);
    const get = database.prepare('SELECT key, value, expires, seq FROM state WHERE key = ?');
    const list = database.prepare(
      'SELECT key, value, expires, seq FROM state WHERE key >= ? AND substr(key, 1, ?) = ?',
    );
    const since = database.prepare('SELECT key, value, expires, seq FROM state WHERE seq > ? ORDER BY seq');
    const last = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM state');
    const put = database.prepare(
      'INSERT INTO state VALUES (?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM state), ?) ' +
        'ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires, seq = excluded.seq, at = excluded.at',
    );
    const remove = database.prepare(
      'INSERT INTO state VALUES (?, NULL, 0, (SELECT coalesce(max(seq), 0) + 1 FROM state), ?) ' +
        'ON CONFLICT (key) DO UPDATE SET value = NULL, expires = 0, seq = excluded.seq, at = excluded.at',
    );
    this.#view = {
      get: (key) => entryOf(get.get(key)),
      list: (prefix) => entriesOf(list.all(prefix, [...prefix].length, prefix)),
      since: (seq) => entriesOf(since.all(seq)),
      lastSeq: () => Number((last.get() as {seq: number}).seq),
    };
    this.#transaction = {
      ...this.#view,
      put(key, value, expires) {
        if (value === undefined) remove.run(key, Date.now());
        else put.run(key, Buffer.from(value).toString('latin1'), expires, Date.now());
      },
    };
  }

  read<T>(work: (view: StateView) => T): T {
    return work(this.#view);
  }

  transact<T>(work: (transaction: StateTransaction) => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work(this.#transaction);
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

function entryOf(row: unknown): StateEntry | undefined {
  if (row === undefined || row === null) return undefined;
  const {key, value, expires, seq} = row as Row;
  return {
    key,
    value: value === null ? undefined : Buffer.from(value, 'latin1'),
    expires: Number(expires),
    seq: Number(seq),
  };
}

function entriesOf(rows: readonly unknown[]): StateEntry[] {
  return rows.flatMap((row) => entryOf(row) ?? []);
}
