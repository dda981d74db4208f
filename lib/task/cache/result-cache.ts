import {mkdir, readFile, rename, rm, utimes, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {textOf} from '../../util/text-of.js';
import type {StoredValue} from '../journal/stored-value.js';
import {BlobStore} from './blob-store.js';
import {type CacheEntry, cacheEntry} from './cache-entry.js';
import {evictOldest} from './evict-oldest.js';
import {digestOf, type Ingredient} from './ingredient.js';
import {keepOutputs, restoreOutputs} from './output-files.js';
import {decodeLog, encodeLog, type LoggedOutput} from './output-log.js';

/** How a {@link ResultCache} behaves. */
export interface ResultCacheOptions {
  /** Above this the results unused for longest go. */
  readonly maxBytes: number;
  /** Hears what went wrong with the cache, which then acts as if it held nothing. */
  readonly warn: (message: string) => void;
}

/** What a task left, to be kept. */
export interface TaskLeft {
  readonly task: string;
  readonly durationMs: number;
  readonly message: string | undefined;
  readonly value: StoredValue;
  readonly emitted?: StoredValue | undefined;
  readonly ingredients: readonly Ingredient[];
  readonly log: readonly LoggedOutput[];
  /** Where the task ran, and what it declared to make there. */
  readonly folder: string;
  readonly outputGlobs: readonly string[];
}

/** A result that was put back. */
export interface Restored {
  readonly entry: CacheEntry;
  readonly log: readonly LoggedOutput[];
}

let serial = 0;

/**
 * Results of tasks by the hash of what they were made from, in a folder: `ac/` says what belongs to a key, `cas/` holds the
 * content. Many processes may use one folder. No failure of the cache fails a task: what cannot be read was never kept, and
 * what cannot be written is not kept.
 */
export class ResultCache {
  readonly folder: string;
  readonly #blobs: BlobStore;
  readonly #options: ResultCacheOptions;

  constructor(folder: string, options: ResultCacheOptions) {
    this.folder = folder;
    this.#blobs = new BlobStore(join(folder, 'cas'));
    this.#options = options;
  }

  /** What is kept for a key, if it is not older than `ttlMs`. */
  async look(key: string, ttlMs?: number): Promise<CacheEntry | undefined> {
    const entry = await this.#read(this.#pathOf(key));
    return entry && (ttlMs === undefined || Date.now() - entry.createdAt <= ttlMs) ? entry : undefined;
  }

  /** The ingredients of the last result that was kept or restored for a task, whatever its key. */
  async lastOf(task: string): Promise<CacheEntry | undefined> {
    return this.#read(this.#lastPathOf(task));
  }

  /** Puts a result back: its files into `folder`, and its log for whoever shows it. */
  async restore(key: string, folder: string, ttlMs?: number): Promise<Restored | undefined> {
    const entry = await this.look(key, ttlMs);
    if (!entry) return undefined;
    try {
      const log = decodeLog(await this.#blobs.get(entry.log));
      await restoreOutputs(folder, entry.outputs, this.#blobs);
      const now = new Date();
      await utimes(this.#pathOf(key), now, now);
      await this.#write(this.#lastPathOf(entry.task), entry);
      return {entry, log};
    } catch (error) {
      this.#options.warn(`the kept result of '${entry.task}' cannot be used: ${textOf(error)}`);
      await rm(this.#pathOf(key), {force: true}).catch(() => {});
      return undefined;
    }
  }

  /** Keeps a result; answers what was kept, or nothing when that was not possible. */
  async keep(key: string, left: TaskLeft): Promise<CacheEntry | undefined> {
    const {task, durationMs, message, value, emitted, ingredients, folder, outputGlobs} = left;
    try {
      const outputs = await keepOutputs(folder, outputGlobs, this.#blobs);
      if (outputGlobs.length > 0 && outputs.length === 0) {
        this.#options.warn(`'${task}' made none of its outputs (${outputGlobs.join(', ')}), so its result is not kept`);
        return undefined;
      }
      const log = await this.#blobs.put(encodeLog(left.log));
      const entry: CacheEntry = {
        version: 1,
        task,
        createdAt: Date.now(),
        durationMs,
        ...(message !== undefined && {message}),
        value,
        ...(emitted !== undefined && {emitted}),
        outputs: [...outputs],
        log,
        ingredients: [...ingredients],
      };
      await this.#write(this.#pathOf(key), entry);
      await this.#write(this.#lastPathOf(task), entry);
      return entry;
    } catch (error) {
      this.#options.warn(`the result of '${task}' cannot be kept: ${textOf(error)}`);
      return undefined;
    }
  }

  /** Makes room: the results unused for longest go until the rest is as small as the limit. Answers the bytes given back. */
  async trim(): Promise<number> {
    return this.#evict({maxBytes: this.#options.maxBytes});
  }

  /** Makes room for so many bytes: the results unused for longest go. Answers the bytes given back. */
  async giveBack(bytes: number): Promise<number> {
    return this.#evict({fewerBytes: bytes});
  }

  async #evict(wanted: Parameters<typeof evictOldest>[1]): Promise<number> {
    try {
      return await evictOldest(this.folder, wanted, Date.now());
    } catch (error) {
      this.#options.warn(`no room could be made in the cache: ${textOf(error)}`);
      return 0;
    }
  }

  async #read(path: string): Promise<CacheEntry | undefined> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#options.warn(`the cache cannot be read: ${textOf(error)}`);
      return undefined;
    }
    try {
      return cacheEntry.parse(JSON.parse(text));
    } catch {
      this.#options.warn(`${path} is no entry of the cache and is ignored`);
      return undefined;
    }
  }

  async #write(path: string, entry: CacheEntry): Promise<void> {
    await mkdir(dirname(path), {recursive: true, mode: 0o700});
    serial += 1;
    const fresh = `${path}.${process.pid}-${serial}.new`;
    await writeFile(fresh, JSON.stringify(entry), {mode: 0o600});
    await rename(fresh, path);
  }

  #pathOf(key: string): string {
    return join(this.folder, 'ac', key.slice(0, 2), key);
  }

  #lastPathOf(task: string): string {
    return join(this.folder, 'last', digestOf(task));
  }
}
