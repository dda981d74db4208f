import {randomUUID} from 'node:crypto';
import {hiddenMark, type StateStore} from './state-store.js';

/** How long a lock lasts that its process does not renew: it was killed. */
const leaseMs = 10_000;
const renewMs = 3000;
/** How often a lock of another process is asked for. */
const pollMs = 20;

interface Held {
  readonly ticket: string;
  readonly token: string;
  readonly renewal: NodeJS.Timeout;
}

/** Locks by name, one holder over all processes on a store. Within a process they come in the order in which they were asked for. */
export class StateLocks {
  readonly #store: StateStore;
  readonly #held = new Map<string, Held>();
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Whether it came, which it does not when the time was over or nobody wants it any more. `ticket` is what a release names. */
  async acquire(name: string, ticket: string, timeoutMs: number | undefined, signal: AbortSignal): Promise<boolean> {
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
    if (!(await this.#turn(name, deadline, signal))) return false;
    const token = randomUUID();
    while (!signal.aborted) {
      if (this.#take(name, token)) {
        const renewal = setInterval(() => this.#take(name, token), renewMs);
        renewal.unref();
        this.#held.set(name, {ticket, token, renewal});
        return true;
      }
      const left = deadline - Date.now();
      if (left <= 0) break;
      await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, left)));
    }
    this.#pass(name);
    return false;
  }

  /** False when it was not held, or by somebody with another ticket. */
  release(name: string, ticket?: string): boolean {
    const held = this.#held.get(name);
    if (!held || (ticket !== undefined && held.ticket !== ticket)) return false;
    clearInterval(held.renewal);
    this.#held.delete(name);
    this.#store.transact((transaction) => {
      const entry = transaction.get(keyOf(name));
      if (entry?.value && Buffer.from(entry.value).toString() === held.token)
        transaction.put(keyOf(name), undefined, 0);
    });
    this.#pass(name);
    return true;
  }

  releaseAll(): void {
    for (const name of [...this.#held.keys()]) this.release(name);
  }

  // Waits for those of this process who asked before.
  async #turn(name: string, deadline: number, signal: AbortSignal): Promise<boolean> {
    const queue = this.#queues.get(name);
    if (!queue) {
      this.#queues.set(name, []);
      return true;
    }
    let timer: NodeJS.Timeout | undefined;
    let mine: () => void = () => {};
    const came = await new Promise<boolean>((resolve) => {
      mine = () => resolve(true);
      queue.push(mine);
      if (Number.isFinite(deadline)) timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
      signal.addEventListener('abort', () => resolve(false), {once: true});
    });
    clearTimeout(timer);
    if (!came) {
      const at = queue.indexOf(mine);
      if (at >= 0) queue.splice(at, 1);
      // It came just then: the next one has it.
      else this.#pass(name);
    }
    return came;
  }

  #pass(name: string): void {
    const next = this.#queues.get(name)?.shift();
    if (next) next();
    else this.#queues.delete(name);
  }

  #take(name: string, token: string): boolean {
    return this.#store.transact((transaction) => {
      const entry = transaction.get(keyOf(name));
      const holder = entry?.value && entry.expires > Date.now() ? Buffer.from(entry.value).toString() : undefined;
      if (holder !== undefined && holder !== token) return false;
      transaction.put(keyOf(name), Buffer.from(token), Date.now() + leaseMs);
      return true;
    });
  }
}

function keyOf(name: string): string {
  return `${hiddenMark}lock ${name}`;
}
