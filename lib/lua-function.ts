import type {RunOutput} from './live-run.js';
import {LuaHandle} from './lua-handle.js';
import type {NativeHandle} from './native/native-handle.js';
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
export class LuaFunction extends LuaHandle {
  readonly #core: RuntimeCore;

  /** @internal Handles are made by the runtime. */
  constructor(core: RuntimeCore, native: NativeHandle) {
    super(core, native);
    this.#core = core;
  }

  /**
   * Calls it as a run of its own and resolves to what it returns.
   *
   * @throws SlothError as {@link Run.result} says; `E_CLOSED` when it was released.
   * @throws ValueError `E_VALUE` for an argument that cannot cross.
   */
  call(...args: Sendable[]): Promise<Sendable[]> {
    try {
      return this.#core.callFunction(this, args);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Starts a call and returns its {@link Run}, which can be cancelled and reports as data.
   *
   * @throws SlothError `E_CLOSED` when it was released or its runtime is closed.
   * @throws ValueError `E_VALUE` for an argument that cannot cross.
   */
  start(options: CallOptions = {}): Run {
    return this.#core.startCall(this, options);
  }

  /**
   * As `start`, on the island where it lives: nobody looks at what it captured. For functions that do little but start others.
   *
   * @param output takes what the run writes, where the runtime was given a `stdout` and `stderr`
   * @internal
   */
  startAtHome(options: CallOptions = {}, output?: RunOutput): Run {
    return this.#core.startCall(this, options, {atHome: true, output});
  }
}
