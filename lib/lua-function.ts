import type {NativeFunction} from './native/native-function.js';
import type {Run} from './run.js';
import type {CallOptions} from './run-options.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';

/** Makes the public handle of a native function. */
export let wrapLuaFunction: (core: RuntimeCore, native: NativeFunction) => LuaFunction;

/** The addon's own handle of a function, if it belongs to that runtime and is not released. */
export let nativeFunctionOf: (fn: LuaFunction, core: RuntimeCore) => NativeFunction | 'released' | 'foreign';

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

  // Only this file's functions reach inside, so that nothing internal shows in the public types.
  static {
    wrapLuaFunction = (core, native) => new LuaFunction(core, native);
    nativeFunctionOf = (fn, core) => (fn.#core === core ? (fn.#native ?? 'released') : 'foreign');
  }

  private constructor(core: RuntimeCore, native: NativeFunction) {
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
}
