import {SlothError} from './errors.js';
import {limitOf, type WaitOptions} from './host-operations.js';
import {LuaHandle, liveHandleOf} from './lua-handle.js';
import type {NativeHandle} from './native/native-handle.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';

/**
 * A wait group that JavaScript and Lua share: {@link Runtime.waitGroup} makes one.
 *
 * @example
 * ```ts
 * const group = runtime.waitGroup();
 * group.add(2);
 * for (const ms of [10, 20]) runtime.spawn('local group, ms = ... goroutine.sleep(ms) group:done()', group, ms);
 * await group.wait();
 * ```
 */
export class WaitGroup extends LuaHandle {
  readonly #core: RuntimeCore;

  /** @internal Handles are made by the runtime. */
  constructor(core: RuntimeCore, native: NativeHandle) {
    super(core, native);
    this.#core = core;
  }

  /** Changes the counter. @throws SlothError `E_VALUE` when it would go below zero or `n` is no integer. */
  add(n = 1): void {
    if (!Number.isSafeInteger(n)) throw new SlothError('E_VALUE', `n must be an integer, got ${String(n)}`);
    if (!this.#core.binding.addToWaitGroup(liveHandleOf(this), n)) {
      throw new SlothError('E_VALUE', 'negative WaitGroup counter');
    }
  }

  /** Takes one off the counter. @throws SlothError `E_VALUE` when it is zero. */
  done(): void {
    this.add(-1);
  }

  /** Resolves when the counter is zero. @throws SlothError `E_TIMEOUT`, `E_ABORTED` or `E_CLOSED`. */
  async wait(options: WaitOptions = {}): Promise<void> {
    const args: Sendable[] = [this, limitOf(options.timeoutMs, 1)];
    const {outcome} = await this.#core.operations.run('wait', args, options);
    if (outcome === 'timeout') throw new SlothError('E_TIMEOUT', `not done after ${options.timeoutMs} ms`);
  }
}
