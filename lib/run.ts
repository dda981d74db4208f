import {ExitError, LuaError, SlothError, UncaughtError} from './errors.js';
import type {RunReport} from './run-report.js';
import type {Sendable} from './sendable.js';
import {unreachable} from './util/unreachable.js';

/** What a {@link Run} asks of its runtime. */
export interface RunControl {
  readonly id: number;
  readonly report: Promise<RunReport>;
  cancel(reason: unknown): void;
  /** Why it was cancelled, if it was. */
  cancellation(): {readonly code: 'E_ABORTED' | 'E_CLOSED'; readonly cause: unknown};
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
    this.#result ??= this.report.then((report) => this.#valuesOf(report));
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

  #valuesOf(report: RunReport): Sendable[] {
    const {kind, message = kind, traceback: luaTraceback} = report;
    switch (kind) {
      case 'succeeded':
        if (report.uncaught > 0) throw new UncaughtError(report.uncaught);
        return report.values;
      case 'failed':
        throw new LuaError(message, {luaTraceback, ...('error' in report && {cause: report.error})});
      case 'memory':
        throw new SlothError('E_MEMORY', message, {luaTraceback});
      case 'syntax':
        throw new SlothError('E_SYNTAX', message);
      case 'timeout':
        throw new SlothError('E_TIMEOUT', message, {luaTraceback});
      case 'cancelled': {
        const {code, cause} = this.#control.cancellation();
        throw new SlothError(code, message, {cause, luaTraceback});
      }
      case 'deadlock':
        throw new SlothError('E_DEADLOCK', message, {luaTraceback});
      case 'exit':
        throw new ExitError(report.exitCode ?? 0);
      default:
        return unreachable(kind);
    }
  }
}
