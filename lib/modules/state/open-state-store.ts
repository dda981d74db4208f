import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import {findSqlite} from '../../task/journal/open-sqlite.js';
import {LogStateStore} from './log-state-store.js';
import {MemoryStore} from './memory-store.js';
import {SqliteStateStore} from './sqlite-state-store.js';
import type {StateStore} from './state-store.js';

/** Opens the store of that file: SQLite where there is one, else the log, `<file>.log`; `:memory:` is none. */
export function openStateStore(file: string, backend?: string): StateStore {
  if (file === ':memory:' || backend === 'memory') return new MemoryStore();
  mkdirSync(dirname(file), {recursive: true});
  const open = backend === 'log' ? undefined : findSqlite();
  return open ? new SqliteStateStore(file, open) : new LogStateStore(`${file}.log`);
}
