import {formatBytes} from '../../util/format-bytes.js';
import type {ExecutionStore} from './execution-store.js';

/** What tasks of a run keep on disk beside what its store keeps, in bytes. */
export interface TaskFiles {
  /** Files that they handed on and took over. */
  artifactBytes(): Promise<number>;
  /** Their temporary folders. */
  temporaryBytes(): Promise<number>;
}

/** How much of the time may go into looking through the store. */
const share = 0.1;

/**
 * `resource_limits.max_disk`: what the store keeps, artifacts and temporary folders together. When that is more, kept results go,
 * those unused for longest first; when that is not enough, whoever looks gets an error.
 */
export class DiskLimit {
  readonly #bytes: number;
  readonly #store: ExecutionStore;
  readonly #files = new Set<TaskFiles>();
  #looking: Promise<void> | undefined;
  #stored = 0;
  /** When the store is worth another look, by `performance.now()`. */
  #lookAt = 0;

  constructor(bytes: number, store: ExecutionStore) {
    this.#bytes = bytes;
    this.#store = store;
  }

  /** Counts these from now on. */
  add(files: TaskFiles): void {
    this.#files.add(files);
  }

  /** @throws Error when more is kept than may be, and no result can go any more. */
  async check(): Promise<void> {
    const [artifacts, temporary] = await this.#ofTasks();
    if (performance.now() >= this.#lookAt) await this.#look();
    let excess = this.#stored + artifacts + temporary - this.#bytes;
    if (excess <= 0) return;
    await this.#store.giveBack(excess);
    await this.#look();
    excess = this.#stored + artifacts + temporary - this.#bytes;
    if (excess <= 0) return;
    const parts = [
      ['.sloth', this.#stored],
      ['artifacts', artifacts],
      ['temporary folders', temporary],
    ] as const;
    const used = parts.map(([what, bytes]) => `${formatBytes(bytes)} in ${what}`).join(', ');
    throw new Error(
      `the run keeps ${formatBytes(this.#bytes + excess)} on disk, and 'resource_limits.max_disk' allows ${formatBytes(this.#bytes)} (${used})`,
    );
  }

  async #ofTasks(): Promise<[artifacts: number, temporary: number]> {
    let artifacts = 0;
    let temporary = 0;
    for (const files of this.#files) {
      artifacts += await files.artifactBytes();
      temporary += await files.temporaryBytes();
    }
    return [artifacts, temporary];
  }

  // One look for all that ask meanwhile.
  #look(): Promise<void> {
    this.#looking ??= this.#measure().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #measure(): Promise<void> {
    const startedAt = performance.now();
    this.#stored = await this.#store.diskBytes();
    const now = performance.now();
    this.#lookAt = now + (now - startedAt) / share;
  }
}
