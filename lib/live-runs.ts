import type {LiveRun} from './live-run.js';
import type {ResourceLimits} from './resource-limits.js';
import type {RunReport} from './run-report.js';
import {describeReason} from './run-requests.js';

/** The runs of one runtime that the addon has not reported yet. */
export class LiveRuns {
  readonly #runs = new Map<number, LiveRun>();
  readonly #cancelNative: (id: number, reason: string) => void;
  readonly #changed: () => void;
  #lastId = 0;

  /**
   * @param cancelNative asks the addon to end a run.
   * @param changed is told when there are runs again, and when there are none any more.
   */
  constructor(cancelNative: (id: number, reason: string) => void, changed: () => void) {
    this.#cancelNative = cancelNative;
    this.#changed = changed;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Whether there was ever one. */
  get any(): boolean {
    return this.#lastId > 0;
  }

  /** The number of a new run. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  get(id: number): LiveRun | undefined {
    return this.#runs.get(id);
  }

  /** Whether that run is this library's own. */
  isOwn(id: number): boolean {
    return this.#runs.get(id)?.isOwn === true;
  }

  /** What the islands of that run may use together. */
  limitsOf(id: number): ResourceLimits {
    return this.#runs.get(id)?.limits ?? {};
  }

  enter(id: number, live: LiveRun): void {
    this.#runs.set(id, live);
    if (this.#runs.size === 1) this.#changed();
  }

  /** The run of that number, which is none of them any more. */
  take(id: number): LiveRun | undefined {
    const live = this.#runs.get(id);
    this.#runs.delete(id);
    if (live && this.#runs.size === 0) this.#changed();
    return live;
  }

  cancel(id: number, reason: unknown): void {
    const live = this.#runs.get(id);
    if (!live) return;
    if (!live.cancelled && !live.closed) live.cause = reason;
    live.cancelled = true;
    this.#cancelNative(id, describeReason(reason));
  }

  cancelAll(reason: unknown): void {
    for (const id of this.#runs.keys()) this.cancel(id, reason);
  }

  /** The runtime is closed now, whoever is cancelled later. */
  markClosed(): void {
    for (const live of this.#runs.values()) live.closed = !live.cancelled;
  }

  /** Ends all that are left with that report. */
  settleAll(report: RunReport): void {
    for (const id of [...this.#runs.keys()]) this.take(id)?.settle(report);
  }
}
