import type {FailureMode} from '../plan.js';

/** What holds for tasks that run together: whether a failure stops others, and the signal that stops them. */
export class StageScope {
  readonly name: string;
  readonly mode: FailureMode;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onOuter: () => void;
  /** The first of its tasks that failed. */
  failedTask: string | undefined;

  constructor(name: string, mode: FailureMode, outer: AbortSignal) {
    this.name = name;
    this.mode = mode;
    this.#outer = outer;
    this.#onOuter = () => this.stop(outer.reason);
    if (outer.aborted) this.stop(outer.reason);
    else outer.addEventListener('abort', this.#onOuter, {once: true});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  close(): void {
    this.#outer.removeEventListener('abort', this.#onOuter);
  }
}
