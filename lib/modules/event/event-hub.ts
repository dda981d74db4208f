import {untilCalled} from '../../util/until-called.js';

/** How long handlers of what was dispatched are waited for. */
const patienceMs = 5000;

/** Something that happened. */
export interface HubEvent {
  /** `task.failed`, or whatever a program calls it. */
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly data: unknown;
}

/** One that listens. Events that it has not taken wait in its queue; the oldest is dropped when that is full. */
export class Subscription {
  dropped = 0;
  /** The run that handles its events, for as long as that lasts; missing: the host sees to it. */
  readonly run: number | undefined;
  readonly #matches: RegExp;
  readonly #most: number;
  readonly #leave: (subscription: Subscription) => void;
  #waiting: HubEvent[] = [];
  #closed = false;
  #wake: (() => void) | undefined;
  #taken = 0;
  #handled = 0;
  #idle: (() => void)[] = [];

  constructor(
    pattern: string,
    {most, run}: {readonly most: number; readonly run: number | undefined},
    leave: (subscription: Subscription) => void,
  ) {
    this.run = run;
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#matches = new RegExp(`^${parts.join('.*')}$`, 's');
    this.#most = most;
    this.#leave = leave;
  }

  /** Hands an event over; false when it is not for this subscription, or there was no room. */
  offer(event: HubEvent): boolean {
    if (this.#closed || !this.#matches.test(event.type)) return false;
    this.#waiting.push(event);
    if (this.#waiting.length > this.#most) {
      this.#waiting.shift();
      this.dropped += 1;
    }
    this.#wake?.();
    return true;
  }

  /** The events that wait, at least one, which ends with the next call; nothing once it is closed. */
  async next(signal: AbortSignal): Promise<readonly HubEvent[] | undefined> {
    this.#handled = this.#taken;
    this.#tellIdle();
    while (this.#waiting.length === 0 && !this.#closed && !signal.aborted) {
      await untilCalled(signal, (wake) => {
        this.#wake = wake;
      });
    }
    if (signal.aborted) return undefined;
    const events = this.#waiting;
    this.#waiting = [];
    this.#taken += events.length;
    return events.length > 0 ? events : undefined;
  }

  /** Resolves when what waits now has been handled. */
  whenIdle(): Promise<void> {
    if (this.#closed || (this.#waiting.length === 0 && this.#handled === this.#taken)) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends it. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#leave(this);
    this.#wake?.();
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (!this.#closed && this.#waiting.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Where the events of a runtime meet those who listen: programs, and the host. */
export class EventHub {
  readonly #subscriptions = new Set<Subscription>();

  /** Tells everybody who listens for it; how many do. */
  dispatch(type: string, data: unknown): number {
    const event = {type, time: Date.now(), data};
    let heard = 0;
    for (const subscription of [...this.#subscriptions]) heard += Number(subscription.offer(event));
    return heard;
  }

  /**
   * Listens for events whose type matches: `*` stands for anything.
   *
   * @param most that wait at a time
   * @param run the run whose goroutines take them
   */
  subscribe(pattern: string, most = 1000, run?: number): Subscription {
    const subscription = new Subscription(pattern, {most, run}, (left) => this.#subscriptions.delete(left));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Resolves when what was dispatched so far has been handled by the host's subscriptions and those of a run. Other runs handle it
   * while they last.
   */
  async whenIdle(run?: number): Promise<void> {
    const awaited = [...this.#subscriptions].filter((one) => one.run === undefined || one.run === run);
    await Promise.all(awaited.map((subscription) => subscription.whenIdle()));
  }

  /** As {@link EventHub.whenIdle}, but no handler is waited for longer than 5 s. */
  async whenRested(run?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.whenIdle(run), limit]);
    clearTimeout(timer);
  }
}
