import type {EventHub} from '../event/event-hub.js';

/** When a breaker opens, and when it tries again. */
export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failureThreshold: number;
  /** How long it stays open, in ms. */
  readonly recoveryMs: number;
  /** Calls that may try at once when that is over; as many successes close it. */
  readonly halfOpenRequests: number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** How a call ended; one that was cancelled says nothing about the service. */
export type CallOutcome = 'success' | 'failure' | 'cancelled';

/** A breaker as programs see it. */
export interface BreakerStats {
  readonly name: string;
  readonly state: BreakerState;
  readonly failures: number;
  readonly successes: number;
  readonly requests: number;
  readonly rejected: number;
}

class Breaker {
  state: BreakerState = 'closed';
  options: BreakerOptions;
  inRow = 0;
  trying = 0;
  tried = 0;
  openedAt = 0;
  /** When it became half open, or places were last given to others. */
  tryingSince = 0;
  /** Calls that began before it last changed tell nothing about it now. */
  epoch = 0;
  failures = 0;
  successes = 0;
  requests = 0;
  rejected = 0;

  constructor(options: BreakerOptions) {
    this.options = options;
  }
}

/** The circuit breakers of one runtime, by name. Times are milliseconds of the runtime's clock. */
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #events: EventHub;

  constructor(events: EventHub) {
    this.#events = events;
  }

  /** Begins a call: the number that {@link leave} takes, or nothing where the circuit is open. */
  enter(name: string, options: BreakerOptions, now: number): number | undefined {
    let breaker = this.#breakers.get(name);
    if (!breaker) {
      breaker = new Breaker(options);
      this.#breakers.set(name, breaker);
    }
    breaker.options = options;
    if (breaker.state === 'open' && now - breaker.openedAt >= options.recoveryMs) {
      this.#become(name, breaker, 'half_open');
      breaker.tryingSince = now;
    }
    // A place that nobody gave back for as long as the circuit stays open is given to another.
    if (breaker.state === 'half_open' && now - breaker.tryingSince >= options.recoveryMs && breaker.trying > 0) {
      breaker.tryingSince = now;
      breaker.epoch += 1;
      breaker.trying = 0;
    }
    const isFull = breaker.state === 'half_open' && breaker.trying + breaker.tried >= options.halfOpenRequests;
    if (breaker.state === 'open' || isFull) {
      breaker.rejected += 1;
      return undefined;
    }
    breaker.requests += 1;
    if (breaker.state === 'half_open') breaker.trying += 1;
    return breaker.epoch;
  }

  /** A call has ended. */
  leave(name: string, epoch: number, outcome: CallOutcome, now: number): void {
    const breaker = this.#breakers.get(name);
    if (!breaker) return;
    if (outcome === 'failure') breaker.failures += 1;
    if (outcome === 'success') breaker.successes += 1;
    if (epoch !== breaker.epoch) return;
    if (breaker.state === 'half_open') breaker.trying -= 1;
    if (outcome === 'cancelled') return;
    breaker.inRow = outcome === 'failure' ? breaker.inRow + 1 : 0;
    if (breaker.state === 'half_open') {
      if (outcome === 'success') breaker.tried += 1;
      if (outcome === 'failure') this.#open(name, breaker, now);
      else if (breaker.tried >= breaker.options.halfOpenRequests) this.#become(name, breaker, 'closed');
    } else if (breaker.state === 'closed' && breaker.inRow >= breaker.options.failureThreshold) {
      this.#open(name, breaker, now);
    }
  }

  stats(name: string): BreakerStats | undefined {
    const breaker = this.#breakers.get(name);
    if (!breaker) return undefined;
    const {state, failures, successes, requests, rejected} = breaker;
    return {name, state, failures, successes, requests, rejected};
  }

  /** Closes it and forgets its failures; false when there is none of that name. */
  reset(name: string): boolean {
    const breaker = this.#breakers.get(name);
    if (breaker) this.#become(name, breaker, 'closed');
    return breaker !== undefined;
  }

  names(): readonly string[] {
    return [...this.#breakers.keys()].sort();
  }

  #open(name: string, breaker: Breaker, now: number): void {
    breaker.openedAt = now;
    this.#become(name, breaker, 'open');
  }

  #become(name: string, breaker: Breaker, state: BreakerState): void {
    const before = breaker.state;
    breaker.state = state;
    breaker.epoch += 1;
    breaker.inRow = 0;
    breaker.trying = 0;
    breaker.tried = 0;
    if (state === 'open' || (state === 'closed' && before !== 'closed')) {
      this.#events.dispatch(state === 'open' ? 'circuit.opened' : 'circuit.closed', {name});
    }
  }
}
