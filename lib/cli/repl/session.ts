import {LuaFunction} from '../../lua-function.js';
import type {Run} from '../../run.js';
import type {Runtime} from '../../runtime.js';
import {textOf} from '../../util/text-of.js';
import sessionSource from './session.lua';

/** What became of a text that was entered. Every consumer switches on `kind`. */
export type Answer =
  | {readonly kind: 'values'; readonly text: string}
  | {readonly kind: 'error' | 'syntax'; readonly message: string}
  /** More has to be entered. */
  | {readonly kind: 'incomplete'}
  | {readonly kind: 'exit'; readonly code: number};

/**
 * Evaluates texts one after the other with the same globals. What a text returned is told as soon as it has, while
 * goroutines that it started go on.
 */
export class Session {
  readonly #evaluate: LuaFunction;
  readonly #complete: LuaFunction;
  readonly #waitFor: LuaFunction;
  #typed: () => void = () => {};
  readonly #runs = new Set<Run>();
  readonly #onLateError: (message: string) => void;
  #current: Run | undefined;

  private constructor(functions: readonly LuaFunction[], onLateError: (message: string) => void) {
    const [evaluate, complete, waitFor] = functions;
    if (!evaluate || !complete || !waitFor) throw new Error('the session is no session');
    this.#evaluate = evaluate;
    this.#complete = complete;
    this.#waitFor = waitFor;
    this.#onLateError = onLateError;
  }

  /** @param onLateError hears of goroutines that failed, or wait for ever, after their text had returned. */
  static async start(runtime: Runtime, onLateError: (message: string) => void): Promise<Session> {
    const functions = await runtime.run(sessionSource, {chunkName: '=[repl]'});
    const session = new Session(
      functions.filter((one) => one instanceof LuaFunction),
      onLateError,
    );
    session.#wait();
    return session;
  }

  /** Evaluates an expression or statements. */
  evaluate(text: string): Promise<Answer> {
    return new Promise((resolve) => {
      let isTold = false;
      const tell = (kind: unknown, message: unknown): void => {
        isTold = true;
        this.#current = undefined;
        this.#wait();
        resolve(answerOf(String(kind), String(message)));
      };
      const run = this.#evaluate.start({args: [text, tell]});
      this.#current = run;
      this.#typed();
      this.#runs.add(run);
      void run.report.then(({kind, message = kind, exitCode = 0}) => {
        this.#runs.delete(run);
        if (kind === 'exit') resolve({kind: 'exit', code: exitCode & 0xff});
        else if (!isTold) tell('error', message);
        else if (kind !== 'succeeded' && kind !== 'cancelled') this.#onLateError(message);
      });
    });
  }

  /** What the end of a text can go on with; each candidate stands in the place of that end. */
  async complete(text: string): Promise<readonly string[]> {
    const [found] = await this.#complete.call(/[\w.:]*$/.exec(text)?.[0] ?? '');
    return Array.isArray(found) ? found.map(String) : [];
  }

  /** Stops the text that is being evaluated; answers whether there was one. */
  interrupt(): boolean {
    this.#current?.cancel('interrupted');
    return this.#current !== undefined;
  }

  /** Waits for the goroutines that still run. */
  async settled(): Promise<void> {
    this.#typed();
    await Promise.all([...this.#runs].map(({report}) => report));
  }

  // Until the next text comes.
  #wait(): void {
    const typed = new Promise<void>((resolve) => {
      this.#typed = resolve;
    });
    this.#waitFor.start({args: [() => typed]});
  }
}

function answerOf(kind: string, text: string): Answer {
  switch (kind) {
    case 'values':
      return {kind, text};
    case 'error':
    case 'syntax':
      return {kind, message: text};
    case 'incomplete':
      return {kind};
    default:
      throw new Error(`unknown answer ${textOf(kind)}`);
  }
}
