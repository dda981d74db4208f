import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import type {Clock} from './clock.js';

/** What a {@link StateKeeper} needs of its attempt. */
export interface StateKeeperOptions {
  readonly intervalMs: number;
  readonly clock: Clock;
  /** Writes it down. Rejects when that is not possible, which ends the run. */
  readonly save: (state: Sendable) => Promise<void>;
  /** Told why the state could not be read, each time. */
  readonly unreadable: (reason: string) => void;
  readonly failed: (error: unknown) => void;
}

/** Writes down `this.state` of a running attempt: every `checkpoint_interval`, as soon then as the attempt waits for something. */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #ended = new AbortController();
  #saving: Promise<void> | undefined;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  /** Begins. @param read answers the state, where the attempt runs. */
  begin(read: LuaFunction): void {
    this.#keep(read).catch(this.#options.failed);
  }

  /** The attempt has ended. Resolves when nothing is being written down any more. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#saving?.catch(() => undefined);
  }

  async #keep(read: LuaFunction): Promise<void> {
    const {intervalMs, clock, unreadable} = this.#options;
    const {signal} = this.#ended;
    try {
      while (!signal.aborted) {
        await clock.sleep(intervalMs, signal);
        if (signal.aborted) return;
        const {kind, message = kind, values} = await read.startAtHome({signal}).report;
        if (signal.aborted) return;
        if (kind === 'succeeded') await this.#save(values[0]);
        else unreadable(message);
      }
    } finally {
      read.release();
    }
  }

  #save(state: Sendable): Promise<void> {
    this.#saving = this.#options.save(state);
    return this.#saving;
  }
}
