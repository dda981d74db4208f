import type {HostFunction} from '../../host-function.js';

/** Time as the engine sees it, so that tests decide how it passes. */
export interface Clock {
  /** In ms since 1970; only differences and order matter to the engine. */
  now(): number;
  /** Resolves after that time, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Lets time stand still while the engine does what follows from the end of a run; only virtual time needs it. */
export interface Rest {
  /** What each run calls before it ends. */
  readonly call: HostFunction;
  /** The end of that run has been told. */
  ended(runId: number): void;
  /** The engine begins. */
  begin(): Promise<void>;
}

/** The most a timer of the platform can wait; longer sleeps are several. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own time. */
export const realClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left >= 0 && !signal?.aborted; left -= longestTimerMs) {
      await oneTimer(Math.min(left, longestTimerMs), signal);
    }
  },
};

function oneTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, {once: true});
  });
}
