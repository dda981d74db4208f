import {SlothError} from './errors.js';
import {closedError} from './run-requests.js';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Who waits until a manual clock has come as far as it was told. */
export class ManualClock {
  readonly #waiters: Waiter[] = [];

  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  /** Resolves with the next {@link ManualClock.rests}. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => void this.#waiters.push({resolve, reject}));
  }

  /** Everybody waits, and the clock is as late as it may be. */
  rests(): void {
    for (const {resolve} of this.#waiters.splice(0)) resolve();
  }

  close(): void {
    for (const {reject} of this.#waiters.splice(0)) reject(closedError());
  }
}

/** @throws SlothError `E_VALUE` for a time that is none, or where the clock is not manual. */
export function checkAdvance(ms: number, isManual: boolean | undefined): void {
  if (!isManual) throw new SlothError('E_VALUE', "advance needs a runtime with clock: 'manual'");
  if (ms >= 0 && ms < Number.POSITIVE_INFINITY) return;
  throw new SlothError('E_VALUE', `advance takes a number of milliseconds, got ${String(ms)}`);
}
