import {chmodSync} from 'node:fs';
import {SlothError} from '../../errors.js';
import {textOf} from '../../util/text-of.js';
import type {Durability, JournalRecord, JournalStore} from './journal-record.js';
import {keepLast, type SlotOf} from './keep-last.js';
import type {OpenSqlite, Sqlite, SqliteStatement} from './open-sqlite.js';

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 10000;
  CREATE TABLE IF NOT EXISTS records (
    run TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
`;

// From one run to the next older one by the index, instead of past all records.
const newestRuns = `
  WITH RECURSIVE found(run) AS (
    SELECT max(run) FROM records
    UNION ALL SELECT (SELECT max(run) FROM records WHERE run < found.run) FROM found WHERE found.run IS NOT NULL
  ) SELECT run FROM found WHERE run IS NOT NULL
`;

/**
 * Journals in one SQLite file. In WAL mode a commit with `synchronous=NORMAL` survives the death of the process, one with
 * `FULL` a loss of power (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export class SqliteStore implements JournalStore {
  readonly name = 'sqlite';
  readonly #database: Sqlite;
  readonly #insert: SqliteStatement;
  readonly #select: SqliteStatement;
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  #durability: Durability | undefined;

  /** @throws SlothError `E_FILE` when the file cannot be opened or is no database. */
  constructor(path: string, open: OpenSqlite) {
    try {
      this.#database = open(path);
      this.#database.exec(schema);
      // Later records of a run go behind its last one.
      this.#insert = this.#database.prepare(
        'INSERT INTO records VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM records WHERE run = ?), ?)',
      );
      this.#select = this.#database.prepare('SELECT body FROM records WHERE run = ? ORDER BY seq');
      this.#begin = this.#database.prepare('BEGIN IMMEDIATE');
      this.#commit = this.#database.prepare('COMMIT');
      chmodSync(path, 0o600);
    } catch (error) {
      throw new SlothError('E_FILE', `the journal ${path} cannot be used: ${textOf(error)}`, {cause: error});
    }
  }

  // SQLite's calls are synchronous: a commit costs less than a turn of the event loop.
  async append(run: string, records: readonly JournalRecord[], durability: Durability): Promise<void> {
    if (this.#durability !== durability) {
      this.#database.exec(`PRAGMA synchronous = ${durability === 'disk' ? 'FULL' : 'NORMAL'}`);
      this.#durability = durability;
    }
    this.#transaction(() => {
      for (const record of records) this.#insert.run(run, run, JSON.stringify(record));
    });
  }

  read(run: string): readonly JournalRecord[] {
    return this.#select.all(run).map(recordOf);
  }

  runs(): readonly string[] {
    const rows = this.#database.prepare(newestRuns).all();
    return rows.map((row) => (row as {readonly run: string}).run);
  }

  ends(run: string): {readonly first: JournalRecord; readonly last: JournalRecord} | undefined {
    const end = (order: string): unknown =>
      this.#database.prepare(`SELECT body FROM records WHERE run = ? ORDER BY seq ${order} LIMIT 1`).get(run);
    const first = end('ASC');
    return first === undefined ? undefined : {first: recordOf(first), last: recordOf(end('DESC'))};
  }

  async compact(run: string, slotOf: SlotOf): Promise<void> {
    const rows = this.#database.prepare('SELECT seq, body FROM records WHERE run = ? ORDER BY seq').all(run);
    const bodies = new Map(rows.map((row) => [recordOf(row), (row as {readonly seq: number}).seq]));
    const kept = new Set(keepLast([...bodies.keys()], slotOf));
    const remove = this.#database.prepare('DELETE FROM records WHERE run = ? AND seq = ?');
    this.#transaction(() => {
      for (const [record, seq] of bodies) if (!kept.has(record)) remove.run(run, seq);
    });
  }

  remove(run: string): void {
    this.#database.prepare('DELETE FROM records WHERE run = ?').run(run);
  }

  close(): void {
    this.#database.close();
  }

  #transaction(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function recordOf(row: unknown): JournalRecord {
  return JSON.parse((row as {readonly body: string}).body) as JournalRecord;
}
