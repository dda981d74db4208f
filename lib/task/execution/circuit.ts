import type {CircuitOptions} from '../plan.js';

/** What a breaker says to somebody who wants to try. */
export type CircuitAnswer = 'go' | 'open';

/**
 * A circuit breaker: after so many failures in a row nobody may try until the recovery time is over; then so many may, and the
 * first success closes it, the first failure opens it again.
 *
 * @see Nygard, Release It!, 2nd edition, "Circuit Breaker"
 */
export class Circuit {
  readonly #options: CircuitOptions;
  readonly #now: () => number;
  readonly #changed: (state: 'opened' | 'closed') => unknown;
  #failures = 0;
  #openUntil: number | undefined;
  #trying = 0;

  constructor(options: CircuitOptions, now: () => number, changed: (state: 'opened' | 'closed') => unknown) {
    this.#options = options;
    this.#now = now;
    this.#changed = changed;
  }

  /** Asks to try; whoever may tells how it went. */
  ask(): CircuitAnswer {
    if (this.#openUntil === undefined) return 'go';
    if (this.#now() < this.#openUntil || this.#trying >= this.#options.halfOpenRequests) return 'open';
    this.#trying += 1;
    return 'go';
  }

  succeeded(): void {
    const wasOpen = this.#openUntil !== undefined;
    this.#failures = 0;
    this.#trying = 0;
    this.#openUntil = undefined;
    if (wasOpen) this.#changed('closed');
  }

  failed(): void {
    this.#failures += 1;
    const wasOpen = this.#openUntil !== undefined;
    if (!wasOpen && this.#failures < this.#options.failureThreshold) return;
    this.#openUntil = this.#now() + this.#options.recoveryMs;
    this.#trying = 0;
    if (!wasOpen) this.#changed('opened');
  }

  /** Whoever tried gave up without an answer. */
  gaveUp(): void {
    this.#trying = Math.max(this.#trying - 1, 0);
  }
}
