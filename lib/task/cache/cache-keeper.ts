import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Sendable} from '../../sendable.js';
import type {SecretMask} from '../../util/secret-mask.js';
import {textOf} from '../../util/text-of.js';
import type {CachedResult, CacheInputs} from '../execution/execution-store.js';
import {isLocked, lockRun} from '../journal/run-lock.js';
import {restoreValue, type StoredValue, storeValue, withSecrets} from '../journal/stored-value.js';
import type {CacheEntry} from './cache-entry.js';
import {canonicalJson} from './canonical-json.js';
import {collectIngredients} from './collect-ingredients.js';
import {type Change, cacheKeyOf, compareIngredients, digestOf, type Ingredient} from './ingredient.js';
import {maskedLog} from './output-log.js';
import {ResultCache} from './result-cache.js';
import {storeSecret} from './store-secret.js';

/** What a {@link CacheKeeper} needs of its run. */
export interface CacheKeeperOptions {
  /** The cache's folder. */
  readonly folder: string;
  /** Above this the results unused for longest go. */
  readonly maxBytes: number;
  readonly warn: (message: string) => void;
  /** What must not be written down. */
  readonly mask: SecretMask;
  /**
   * The secret of a name, to put into a kept result.
   *
   * @throws Error when it cannot be found.
   */
  readonly findSecret: (name: string) => string;
  /** Ends waiting for another process that makes the same result. */
  readonly signal: AbortSignal;
}

/** What a lookup came to. */
export interface Lookup {
  readonly result: CachedResult | undefined;
  /** What changed since the last result that was kept; missing while there is none. */
  readonly changes: readonly Change[] | undefined;
}

interface Begun {
  readonly key: string;
  readonly ingredients: readonly Ingredient[];
  readonly startedAt: number;
  readonly release: () => void;
}

/** How often to look whether another process has made a result. */
const lookEveryMs = 50;

/** Answers a run's questions about kept results, and keeps new ones. */
export class CacheKeeper {
  readonly #options: CacheKeeperOptions;
  readonly #cache: ResultCache;
  readonly #begun = new Map<string, Begun>();
  /** What the files of tasks of this run come to, by task. */
  readonly #files = new Map<string, string>();
  #secret: Uint8Array | undefined;

  constructor(options: CacheKeeperOptions) {
    this.#options = options;
    this.#cache = new ResultCache(options.folder, options);
  }

  /** Everything that the result of a task is made from. */
  ingredientsOf(inputs: CacheInputs): Promise<readonly Ingredient[]> {
    this.#secret ??= storeSecret(this.#options.folder);
    const filesOf = (task: string): string | undefined => this.#files.get(`${inputs.workflow}/${task}`);
    return collectIngredients(inputs, {secret: this.#secret, filesOf, mask: this.#options.mask});
  }

  /** A kept result, its files put back; waits while another process makes the same one. */
  async lookup(inputs: CacheInputs): Promise<Lookup> {
    const name = nameOf(inputs);
    try {
      const ingredients = await this.ingredientsOf(inputs);
      const key = cacheKeyOf(name, ingredients);
      const last = await this.#cache.lastOf(name);
      const changes = last && compareIngredients(last.ingredients, ingredients);
      const locks = join(this.#options.folder, 'locks');
      for (;;) {
        const restored = await this.#cache.restore(key, inputs.workdir, inputs.task.cache.ttlMs);
        if (restored) {
          const {entry, log} = restored;
          this.#noteFiles(name, entry);
          const restore = (stored: StoredValue): Sendable =>
            restoreValue(withSecrets(stored, this.#options.findSecret));
          const {value, message, emitted} = entry;
          const restoredEmitted = emitted && {emitted: restore(emitted) as readonly Sendable[]};
          return {result: {value: restore(value), message, log, ...restoredEmitted}, changes};
        }
        const release = tryLock(locks, key);
        if (release) {
          this.#begun.set(name, {key, ingredients, startedAt: performance.now(), release});
          return {result: undefined, changes};
        }
        while (isLocked(locks, key)) await sleep(lookEveryMs, undefined, {signal: this.#options.signal});
      }
    } catch (error) {
      if (!this.#options.signal.aborted) this.#options.warn(`the cache is not used for '${name}': ${textOf(error)}`);
      return {result: undefined, changes: undefined};
    }
  }

  /** What {@link lookup} would find now: nothing is put back, waited for or written. */
  async predict(inputs: CacheInputs): Promise<{
    readonly entry: {readonly value: Sendable} | undefined;
    readonly changes: readonly Change[] | undefined;
  }> {
    const nothing = {entry: undefined, changes: undefined};
    if (!existsSync(this.#options.folder)) return nothing;
    const name = nameOf(inputs);
    try {
      const ingredients = await this.ingredientsOf(inputs);
      const last = await this.#cache.lastOf(name);
      const changes = last && compareIngredients(last.ingredients, ingredients);
      const entry = await this.#cache.look(cacheKeyOf(name, ingredients), inputs.task.cache.ttlMs);
      if (!entry) return {entry, changes};
      this.#noteFiles(name, entry);
      return {entry: {value: restoreValue(withSecrets(entry.value, this.#options.findSecret))}, changes};
    } catch {
      // What cannot be read now cannot be restored either.
      return nothing;
    }
  }

  /** Keeps the result of a task for which {@link lookup} found none. */
  async keep(inputs: CacheInputs, {value, message, log, emitted}: CachedResult): Promise<void> {
    const name = nameOf(inputs);
    const begun = this.#begun.get(name);
    if (!begun) return;
    const stored = storeValue(value, 'output', this.#options.mask);
    const given = emitted && storeValue([...emitted], 'emitted', this.#options.mask);
    const lost = [...stored.lost, ...(given?.lost ?? [])];
    if (lost.length > 0) {
      this.#options.warn(`the result of '${name}' is not kept: ${lost.join('; ')}`);
      return;
    }
    const entry = await this.#cache.keep(begun.key, {
      task: name,
      durationMs: performance.now() - begun.startedAt,
      message: message && this.#options.mask.text(message),
      value: stored.value,
      emitted: given?.value,
      ingredients: begun.ingredients,
      log: maskedLog(log, this.#options.mask),
      folder: inputs.workdir,
      outputGlobs: inputs.task.cache.outputs,
    });
    if (entry) this.#noteFiles(name, entry);
  }

  /** A task has ended, whether its result was kept or not: others need not wait for it. */
  ended(workflow: string, task: string): void {
    const name = `${workflow}/${task}`;
    this.#begun.get(name)?.release();
    this.#begun.delete(name);
  }

  /** Lets go of results, those unused for longest first, until so many bytes are free or none is left. */
  async giveBack(bytes: number): Promise<void> {
    await this.#cache.giveBack(bytes);
  }

  /** Makes room if the cache has become too large. */
  async close(): Promise<void> {
    for (const {release} of this.#begun.values()) release();
    this.#begun.clear();
    await this.#cache.trim();
  }

  #noteFiles(name: string, {outputs}: CacheEntry): void {
    if (outputs.length > 0) this.#files.set(name, digestOf(canonicalJson(outputs)));
  }
}

function nameOf({workflow, task}: CacheInputs): string {
  return `${workflow}/${task.name}`;
}

function tryLock(folder: string, key: string): (() => void) | undefined {
  try {
    return lockRun(folder, key);
  } catch {
    return undefined;
  }
}
