import {untilCalled} from '../../util/until-called.js';
import {hiddenMark, type StateStore} from './state-store.js';

/** How often changes of other processes are looked for. */
const pollMs = 100;

interface Watch {
  readonly prefix: string;
  seq: number;
  wake: (() => void) | undefined;
}

/** Those who watch keys of a store. */
export class StateWatches {
  readonly #store: StateStore;
  readonly #watches = new Map<number, Watch>();
  #lastId = 0;

  constructor(store: StateStore) {
    this.#store = store;
  }

  open(prefix: string): number {
    this.#lastId += 1;
    const seq = this.#store.read((view) => view.lastSeq());
    this.#watches.set(this.#lastId, {prefix, seq, wake: undefined});
    return this.#lastId;
  }

  /** Keys and their values, or nothing in the place of those that were removed, that changed since; undefined once it is closed. */
  async next(id: number, signal: AbortSignal): Promise<(string | Uint8Array)[] | undefined> {
    for (let watch = this.#watches.get(id); watch && !signal.aborted; watch = this.#watches.get(id)) {
      const changed = this.#changes(watch);
      if (changed.length > 0) return changed;
      await this.#wait(watch, signal);
    }
    return undefined;
  }

  /** This process changed something. */
  wake(): void {
    for (const watch of this.#watches.values()) watch.wake?.();
  }

  close(id: number): void {
    const watch = this.#watches.get(id);
    this.#watches.delete(id);
    watch?.wake?.();
  }

  closeAll(): void {
    for (const id of [...this.#watches.keys()]) this.close(id);
  }

  #changes(watch: Watch): (string | Uint8Array)[] {
    const entries = this.#store.read((view) => view.since(watch.seq));
    const changed: (string | Uint8Array)[] = [];
    for (const {key, value, seq} of entries) {
      watch.seq = Math.max(watch.seq, seq);
      if (key.startsWith(watch.prefix) && !key.startsWith(hiddenMark)) changed.push(key, value ?? '');
    }
    return changed;
  }

  async #wait(watch: Watch, signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await untilCalled(signal, (wake) => {
      watch.wake = wake;
      timer = setTimeout(wake, pollMs);
    });
    clearTimeout(timer);
    watch.wake = undefined;
  }
}
