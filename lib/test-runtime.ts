import {Runtime} from './runtime.js';
import type {RuntimeOptions} from './runtime-options.js';

/** How a {@link TestRuntime} is made: as any {@link Runtime}, but for the clock. */
export interface TestRuntimeOptions extends Omit<RuntimeOptions, 'clock' | 'stdout' | 'stderr'> {
  /**
   * - `virtual` (default): time jumps to the next timer whenever every goroutine waits, so that sleeps and timeouts take none.
   * - `manual`: time stands still until {@link Runtime.advance} lets it pass.
   * - `real`: the machine's; nothing is repeatable.
   */
  readonly clock?: 'virtual' | 'manual' | 'real' | undefined;
}

/**
 * A {@link Runtime} for tests. Its seed (default 0) decides in which order goroutines run, its clock is virtual, and what scripts
 * print is kept: the same program is the same run each time.
 */
export class TestRuntime extends Runtime {
  readonly #output: {out: string; err: string};

  /** Made by {@link createTestRuntime}. */
  constructor(options: TestRuntimeOptions = {}) {
    const {clock = 'virtual', ...others} = options;
    const output = {out: '', err: ''};
    const own = {
      workers: 1,
      ...others,
      stdout: (text: string | Uint8Array) => {
        output.out += textOfPiece(text);
      },
      stderr: (text: string | Uint8Array) => {
        output.err += textOfPiece(text);
      },
    };
    super({...own, clock});
    this.#output = output;
  }

  /** What scripts printed so far; bytes that are not UTF-8 are replaced. */
  get stdout(): string {
    return this.#output.out;
  }

  /** What was written to `io.stderr`, warnings, log messages and uncaught errors so far. */
  get stderr(): string {
    return this.#output.err;
  }

  /** Forgets what was printed so far. */
  clearOutput(): void {
    this.#output.out = '';
    this.#output.err = '';
  }

  /** Resolves when every goroutine waits, on a manual clock: as `advance(0)`. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** The time of the clock in ms, as `goroutine.now()` in Lua. */
  async now(): Promise<number> {
    const [now] = await this.run<[number]>('return goroutine.now()');
    return now;
  }
}

/**
 * Makes a runtime for tests.
 *
 * @example
 * ```ts
 * const runtime = createTestRuntime({clock: 'manual'});
 * const run = runtime.start('goroutine.sleep(1000) print("a second later")');
 * await runtime.advance(999);
 * console.log(JSON.stringify(runtime.stdout)); // ""
 * await runtime.advance(1);
 * console.log(JSON.stringify(runtime.stdout)); // "a second later\n"
 * await run.result;
 * await runtime.close();
 * ```
 *
 * @throws SlothError `E_VALUE` for an option out of range.
 */
export function createTestRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  return new TestRuntime(options);
}

function textOfPiece(text: string | Uint8Array): string {
  return typeof text === 'string' ? text : Buffer.from(text).toString();
}
