import {createRequire} from 'node:module';

/** The few calls that `node:sqlite` and better-sqlite3 have in common. */
export interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** One prepared statement. */
export interface SqliteStatement {
  run(...parameters: readonly (string | number)[]): unknown;
  all(...parameters: readonly (string | number)[]): unknown[];
  get(...parameters: readonly (string | number)[]): unknown;
}

/** Opens a database file with whichever SQLite there is. */
export type OpenSqlite = (path: string) => Sqlite;

type Database = new (path: string) => Sqlite;

/** Node's own SQLite (22.5 and later), else better-sqlite3 where it is installed, else nothing. */
export function findSqlite(): OpenSqlite | undefined {
  const load = createRequire(import.meta.url);
  const builtIn = tryRequire(load, 'node:sqlite') as {DatabaseSync?: Database} | undefined;
  const found = builtIn?.DatabaseSync ?? (tryRequire(load, 'better-sqlite3') as Database | undefined);
  return found && ((path) => new found(path));
}

// Missing, or compiled for another Node: either way there is none.
function tryRequire(load: NodeJS.Require, name: string): unknown {
  try {
    return load(name);
  } catch {
    return undefined;
  }
}
