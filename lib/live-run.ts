import type {Border} from './border.js';
import type {RunReport} from './run-report.js';

/** Takes what a run writes, one piece per write. The bytes are its own. */
export type RunOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => unknown;

/** A run the addon has not reported yet. It listens to its signal for exactly that long. */
export class LiveRun {
  readonly report: Promise<RunReport>;
  /** How its results cross. */
  readonly border: Border;
  /** The reason of the first cancellation. */
  cause: unknown;
  cancelled = false;
  /** It is this library's own: nobody is told of its goroutines. */
  isOwn = false;
  /** Takes what it writes, instead of those who take its runtime's output. */
  output: RunOutput | undefined;
  /** Set when its runtime was closed before anybody cancelled it. */
  closed = false;
  #resolve!: (report: RunReport) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  constructor(signal: AbortSignal | undefined, border: Border, cancel: (reason: unknown) => void) {
    this.report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.border = border;
    this.#signal = signal;
    this.#onAbort = () => cancel(signal?.reason);
    signal?.addEventListener('abort', this.#onAbort, {once: true});
  }

  settle(report: RunReport): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(report);
  }
}
