import type {Clock} from './clock.js';

/** Lets one through every so often, in the order in which they come. */
export class Pace {
  readonly #everyMs: number;
  readonly #clock: Clock;
  #next = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, clock: Clock) {
    this.#everyMs = 1000 / perSecond;
    this.#clock = clock;
  }

  /** Resolves when it is one's turn, or when the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(this.#next, now);
    this.#next = at + this.#everyMs;
    if (at > now) await this.#clock.sleep(at - now, signal);
  }
}
