import type {Border} from './border.js';
import type {ResourceLimits} from './resource-limits.js';
import {type Cancellation, valuesOf} from './run-outcome.js';
import type {RunReport} from './run-report.js';
import type {Sendable} from './sendable.js';

/** Takes what a run writes, one piece per write. The bytes are its own. */
export type RunOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => unknown;

/** A run the addon has not reported yet. */
export abstract class LiveRun {
  /** How its results cross. */
  readonly border: Border;
  /** What its islands may use together. */
  limits: ResourceLimits = {};
  /** The reason of the first cancellation. */
  cause: unknown;
  cancelled = false;
  /** It is this library's own: nobody is told of its goroutines. */
  isOwn = false;
  /** Takes what it writes, instead of those who take its runtime's output. */
  output: RunOutput | undefined;
  /** Set when its runtime was closed before anybody cancelled it. */
  closed = false;

  constructor(border: Border) {
    this.border = border;
  }

  get cancellation(): Cancellation {
    return {code: this.closed ? 'E_CLOSED' : 'E_ABORTED', cause: this.cause};
  }

  /** It has ended, and that is how. */
  abstract settle(report: RunReport): void;
  /** It has succeeded, and has nothing else to report. */
  abstract succeed(values: Sendable[]): void;
}

/** One whose report somebody has. It listens to its signal until it ends. */
export class ReportedRun extends LiveRun {
  readonly report: Promise<RunReport>;
  #resolve!: (report: RunReport) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  constructor(signal: AbortSignal | undefined, border: Border, cancel: (reason: unknown) => void) {
    super(border);
    this.report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#signal = signal;
    this.#onAbort = () => cancel(signal?.reason);
    signal?.addEventListener('abort', this.#onAbort, {once: true});
  }

  override settle(report: RunReport): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(report);
  }

  override succeed(values: Sendable[]): void {
    this.settle({kind: 'succeeded', values, message: undefined, traceback: undefined, uncaught: 0});
  }
}

/** A call of which nobody wants anything but its values. */
export class LiveCall extends LiveRun {
  readonly #resolve: (values: Sendable[]) => void;
  readonly #reject: (error: unknown) => void;

  constructor(border: Border, resolve: (values: Sendable[]) => void, reject: (error: unknown) => void) {
    super(border);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override settle(report: RunReport): void {
    try {
      this.#resolve(valuesOf(report, () => this.cancellation));
    } catch (error) {
      this.#reject(error);
    }
  }

  override succeed(values: Sendable[]): void {
    this.#resolve(values);
  }
}
