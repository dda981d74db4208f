import {existsSync} from 'node:fs';
import {SlothError} from '../../errors.js';
import type {JournalStore} from './journal-record.js';
import {LogStore} from './log-store.js';
import {findSqlite} from './open-sqlite.js';
import type {SlothFolder} from './sloth-folder.js';
import {SqliteStore} from './sqlite-store.js';

/** Which implementation new runs go to; `auto` is SQLite where there is one. */
export type StoreChoice = 'auto' | 'sqlite' | 'log';

/**
 * Opens the stores of a folder: first the one new runs go to, then the other one if it holds older runs.
 *
 * @throws SlothError `E_VALUE` when SQLite is asked for and there is none, `E_FILE` when a store cannot be opened.
 */
export function openStores(folder: SlothFolder, choice: StoreChoice): readonly [JournalStore, ...JournalStore[]] {
  const open = findSqlite();
  if (choice === 'sqlite' && !open) throw new SlothError('E_VALUE', noSqlite);
  const sqlite = (): JournalStore[] => (open ? [new SqliteStore(folder.database, open)] : []);
  const log = (): JournalStore[] => [new LogStore(folder.runs)];
  const [first, ...others] =
    choice === 'log' || !open
      ? [...log(), ...(existsSync(folder.database) ? sqlite() : [])]
      : [...sqlite(), ...(existsSync(folder.runs) ? log() : [])];
  if (!first) throw new Error('no store could be opened');
  return [first, ...others];
}

/** Whether runs lie in a database that nothing here can read. */
export function hasUnreadableRuns(folder: SlothFolder): boolean {
  return existsSync(folder.database) && !findSqlite();
}

const noSqlite =
  'there is no SQLite: install better-sqlite3 beside sloth-runner, or use Node 22.5 or later, or leave SLOTH_JOURNAL unset';
