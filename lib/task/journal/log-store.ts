import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {join} from 'node:path';
import {SlothError} from '../../errors.js';
import {textOf} from '../../util/text-of.js';
import {type DecodedLines, decodeLines, encodeLine} from './checksummed-line.js';
import type {Durability, JournalRecord, JournalStore} from './journal-record.js';
import {keepLast, type SlotOf} from './keep-last.js';

const suffix = '.jsonl';

/** A run's file while this process appends to it. */
interface OpenLog {
  readonly file: FileHandle;
  /** What is whole in it; a write that failed half-way is cut off again. */
  length: number;
}

/**
 * Journals as one file of checksummed JSON lines a run, for where there is no SQLite. Each commit is one line, written at
 * the end and synced; a line that a crash tore is as if it had never been begun.
 */
export class LogStore implements JournalStore {
  readonly name = 'log';
  readonly #folder: string;
  readonly #open = new Map<string, OpenLog>();
  #last: Promise<void> = Promise.resolve();

  /** @throws SlothError `E_FILE` when the folder cannot be made. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, {recursive: true, mode: 0o700});
    } catch (error) {
      throw new SlothError('E_FILE', `the journal ${folder} cannot be used: ${textOf(error)}`, {cause: error});
    }
  }

  append(run: string, records: readonly JournalRecord[], _durability: Durability): Promise<void> {
    return this.#afterLast(() => this.#commit(run, encodeLine(records)));
  }

  read(run: string): readonly JournalRecord[] {
    return this.#decode(run).records;
  }

  runs(): readonly string[] {
    const names = readdirSync(this.#folder).filter((name) => name.endsWith(suffix));
    return names
      .map((name) => name.slice(0, -suffix.length))
      .sort()
      .reverse();
  }

  ends(run: string): {readonly first: JournalRecord; readonly last: JournalRecord} | undefined {
    const records = this.read(run);
    const [first] = records;
    const last = records.at(-1);
    return first && last && {first, last};
  }

  compact(run: string, slotOf: SlotOf): Promise<void> {
    return this.#afterLast(() => this.#rewrite(run, slotOf));
  }

  remove(run: string): void {
    rmSync(this.#pathOf(run), {force: true});
  }

  close(): void {
    const files = [...this.#open.values()];
    this.#open.clear();
    this.#last = this.#last.then(async () => {
      for (const {file} of files) await file.close();
    });
  }

  #afterLast(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #rewrite(run: string, slotOf: SlotOf): Promise<void> {
    await this.#open.get(run)?.file.close();
    this.#open.delete(run);
    const kept = keepLast(this.read(run), slotOf);
    const fresh = `${this.#pathOf(run)}.${process.pid}.new`;
    const file = openSync(fresh, 'w', 0o600);
    try {
      writeSync(file, kept.map((record) => encodeLine([record])).join(''));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, this.#pathOf(run));
    syncFolder(this.#folder);
  }

  async #commit(run: string, line: string): Promise<void> {
    const log = this.#open.get(run) ?? (await this.#openLog(run));
    const bytes = Buffer.from(line);
    try {
      for (let written = 0; written < bytes.length; ) {
        const {bytesWritten} = await log.file.write(bytes, written, bytes.length - written, log.length + written);
        written += bytesWritten;
      }
      await log.file.datasync();
      log.length += bytes.length;
    } catch (error) {
      await log.file.truncate(log.length).catch(() => {});
      throw new SlothError('E_FILE', `the journal ${this.#pathOf(run)} cannot be written: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  async #openLog(run: string): Promise<OpenLog> {
    const {length} = this.#decode(run);
    const file = await open(this.#pathOf(run), length === 0 ? 'w' : 'r+', 0o600);
    await file.truncate(length);
    if (length === 0) syncFolder(this.#folder);
    const log = {file, length};
    this.#open.set(run, log);
    return log;
  }

  #decode(run: string): DecodedLines {
    const path = this.#pathOf(run);
    const decoded = decodeLines(readIfThere(path));
    const {damagedLine} = decoded;
    if (damagedLine === undefined) return decoded;
    throw new SlothError(
      'E_FILE',
      `the journal ${path} is damaged in line ${damagedLine}; remove the file to forget that run`,
    );
  }

  #pathOf(run: string): string {
    return join(this.#folder, run + suffix);
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw new SlothError('E_FILE', `the journal ${path} cannot be read: ${textOf(error)}`, {cause: error});
  }
}

// So that a new name survives a loss of power, too.
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
