import {existsSync} from 'node:fs';
import {refuseEffect} from '../permissions.js';
import {MemoryStore} from './memory-store.js';
import type {StateStore} from './state-store.js';

/** A store of which a file that is only described may read what is there; nothing is made and nothing changes. */
export function describedStore(file: string, open: () => StateStore): StateStore {
  const store = existsSync(file) || existsSync(`${file}.log`) ? open() : new MemoryStore();
  return {
    backend: store.backend,
    read: (work) => store.read(work),
    transact: () => refuseEffect('changing state'),
    close: () => store.close(),
  };
}
