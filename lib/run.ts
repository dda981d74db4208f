import {type Cancellation, valuesOf} from './run-outcome.js';
import type {RunReport} from './run-report.js';
import type {Sendable} from './sendable.js';

/** What a {@link Run} asks of its runtime. */
export interface RunControl {
  readonly id: number;
  readonly report: Promise<RunReport>;
  cancel(reason: unknown): void;
  cancellation(): Cancellation;
}

/** Makes the public handle of a run. */
export let wrapRun: (control: RunControl) => Run;

/**
 * One run of a chunk or function. `report` tells how it ended and never rejects; `result` is the same with every end
 * but success as an error.
 *
 * @example
 * ```ts
 * const run = runtime.start('channel.sleep(60) return "late"');
 * run.cancel('not needed');
 * console.log((await run.report).kind); // cancelled
 * ```
 */
export class Run {
  /** Unique within its runtime. */
  readonly id: number;
  /** How the run ended, once it and the goroutines it waits for have. */
  readonly report: Promise<RunReport>;
  readonly #control: RunControl;
  #result: Promise<Sendable[]> | undefined;
  #status: RunReport['kind'] | 'running' = 'running';

  static {
    wrapRun = (control) => new Run(control);
  }

  private constructor(control: RunControl) {
    this.id = control.id;
    this.report = control.report.then((report) => {
      this.#status = report.kind;
      return report;
    });
    this.#control = control;
  }

  /**
   * What the run returned.
   *
   * @throws SlothError `E_LUA`, `E_MEMORY`, `E_SYNTAX`, `E_TIMEOUT`, `E_ABORTED`, `E_CLOSED`, `E_DEADLOCK`, `E_EXIT` or `E_UNCAUGHT`.
   */
  get result(): Promise<Sendable[]> {
    this.#result ??= this.report.then((report) => valuesOf(report, () => this.#control.cancellation()));
    return this.#result;
  }

  /** `running`, then how it ended: the `kind` of its {@link RunReport}. */
  get status(): RunReport['kind'] | 'running' {
    return this.#status;
  }

  /** Asks the run to stop; `report` tells when it has. The reason becomes the error's `cause`. */
  cancel(reason?: unknown): void {
    this.#control.cancel(reason);
  }
}
