import type {NativeFunction} from './native/binding.js';
import type {Run} from './run.js';
import type {CallOptions} from './run-options.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';

/**
 * A Lua function, seen from JavaScript. It keeps what it captured alive until it is released, collected, or its runtime
 * is closed. It may be sent back to the runtime it came from.
 *
 * @example
 * ```ts
 * const [double] = await runtime.run('return function(n) return 2 * n end');
 * if (double instanceof LuaFunction) console.log(await double.call(21)); // [42]
 * ```
 */
export class LuaFunction {
  readonly #core: RuntimeCore;
  #native: NativeFunction | undefined;

  /** @internal */
  constructor(core: RuntimeCore, native: NativeFunction) {
    this.#core = core;
    this.#native = native;
  }

  /**
   * Calls it as a run of its own and resolves to what it returns.
   *
   * @throws SlothError as {@link Run.result} says; `E_CLOSED` when it was released.
   */
  async call(...args: Sendable[]): Promise<Sendable[]> {
    return this.start({args}).result;
  }

  /**
   * Starts a call and returns its {@link Run}, which can be cancelled and reports as data.
   *
   * @throws SlothError `E_CLOSED` when it was released or its runtime is closed, `E_VALUE` for an argument that cannot cross.
   */
  start(options: CallOptions = {}): Run {
    return this.#core.startCall(this.#native, options);
  }

  /** Lets go of the function. Doing it again is quiet; calling it afterwards throws. */
  release(): void {
    if (this.#native) this.#core.releaseFunction(this.#native);
    this.#native = undefined;
  }

  /**
   * The addon's own handle, for the runtime it belongs to.
   *
   * @internal
   */
  nativeOf(core: RuntimeCore): NativeFunction | 'released' | 'foreign' {
    if (core !== this.#core) return 'foreign';
    return this.#native ?? 'released';
  }
}
