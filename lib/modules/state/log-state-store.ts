import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {dirname} from 'node:path';
import {checkedLine, readCheckedLine} from '../../util/checked-line.js';
import {MemoryStore} from './memory-store.js';
import type {StateEntry, StateStore, StateTransaction, StateView} from './state-store.js';

type Written = readonly [key: string, value: string | null, expires: number, seq: number];

/** How long to wait for a process that holds the lock. */
const patienceMs = 10_000;

/**
 * Values in an append-only file of lines with checksums: each commit is one line, on the disk before it is answered. What a killed process
 * left of a line is no commit, and is cut off. Compacted when it is opened.
 */
export class LogStateStore implements StateStore {
  readonly backend = 'log';
  readonly #path: string;
  readonly #lock: string;
  readonly #memory = new MemoryStore();
  #file: number;
  #read = 0;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
    this.#lock = `${path}.lock`;
    mkdirSync(dirname(path), {recursive: true});
    this.#file = openSync(path, 'a+');
    this.#locked(() => this.#compact());
  }

  read<T>(work: (view: StateView) => T): T {
    // A line that another process is writing is not a commit yet.
    this.#catchUp(false);
    return this.#memory.read(work);
  }

  transact<T>(work: (transaction: StateTransaction) => T): T {
    return this.#locked(() => {
      const {result, entries} = this.#memory.prepare(work);
      if (entries.length > 0) this.#append(entries);
      return result;
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(entries: readonly StateEntry[]): void {
    const line = Buffer.from(checkedLine(JSON.stringify(entries.map(written))));
    writeSync(this.#file, line);
    fsyncSync(this.#file);
    for (const entry of entries) this.#memory.set(entry);
    this.#read += line.length;
    this.#lines += 1;
  }

  // What others wrote since. With the lock, a broken end is cut off: its writer is dead.
  #catchUp(isLocked: boolean): void {
    if (!existsSync(this.#path) || statSync(this.#path).ino !== fstatSync(this.#file).ino) this.#reopen();
    const size = fstatSync(this.#file).size;
    if (size <= this.#read) return;
    const bytes = Buffer.alloc(size - this.#read);
    readSync(this.#file, bytes, 0, bytes.length, this.#read);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const text = readCheckedLine(bytes.toString('utf8', start, end));
      if (text !== undefined) for (const row of JSON.parse(text) as Written[]) this.#memory.set(unwritten(row));
      start = end + 1;
      this.#lines += 1;
    }
    this.#read += start;
    if (isLocked && start < bytes.length) {
      // A newline ends what is left of it: the next line stands by itself.
      writeSync(this.#file, '\n');
      this.#read = fstatSync(this.#file).size;
    }
  }

  #reopen(): void {
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a+');
    this.#memory.clear();
    this.#read = 0;
    this.#lines = 0;
  }

  #compact(): void {
    const entries = this.#memory.read((view) => view.since(-1));
    if (this.#lines < 1000 || entries.length * 2 > this.#lines) return;
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, entries.map((entry) => checkedLine(JSON.stringify([written(entry)]))).join(''));
    const file = openSync(temporary, 'a+');
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, this.#path);
    this.#catchUp(true);
  }

  // One process at a time. The lock is a directory with the number of its holder; one of a dead process is taken away.
  #locked<T>(work: () => T): T {
    const deadline = Date.now() + patienceMs;
    for (let turn = 0; !this.#tryLock(); turn += 1) {
      if (Date.now() > deadline) throw new Error(`${this.#path}: another process holds its lock, ${this.#lock}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(1 + turn, 10));
    }
    try {
      this.#catchUp(true);
      return work();
    } finally {
      rmSync(this.#lock, {recursive: true, force: true});
    }
  }

  #tryLock(): boolean {
    try {
      mkdirSync(this.#lock);
      writeFileSync(`${this.#lock}/${process.pid}`, '');
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#breakDeadLock();
      return false;
    }
  }

  #breakDeadLock(): void {
    try {
      const info = statSync(this.#lock);
      const holder = readHolder(this.#lock);
      const isDead = holder === undefined ? Date.now() - info.mtimeMs > 1000 : !isAlive(holder);
      if (!isDead) return;
      // Whoever renames it first breaks it.
      const broken = `${this.#lock}.${process.pid}`;
      renameSync(this.#lock, broken);
      rmSync(broken, {recursive: true, force: true});
    } catch {
      // Somebody else let it go.
    }
  }
}

function readHolder(lock: string): number | undefined {
  const [pid] = readdirSync(lock).filter((name) => /^\d+$/.test(name));
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function written({key, value, expires, seq}: StateEntry): Written {
  return [key, value === undefined ? null : Buffer.from(value).toString('latin1'), expires, seq];
}

function unwritten([key, value, expires, seq]: Written): StateEntry {
  return {key, value: value === null ? undefined : Buffer.from(value, 'latin1'), expires, seq};
}
