import {SlothError} from './errors.js';
import type {NativeHandle} from './native/native-handle.js';
import type {RuntimeCore} from './runtime-core.js';

/** The addon's own handle, if it belongs to that runtime and is not released. */
export let nativeHandleOf: (handle: LuaHandle, core: RuntimeCore) => NativeHandle | 'released' | 'foreign';

/** The same for what is to be used now. @throws SlothError `E_CLOSED` when it was released. */
export let liveHandleOf: (handle: LuaHandle) => NativeHandle;

/**
 * Something of Lua that JavaScript holds by reference: a function, a channel, a goroutine, a wait group, ... It may be sent
 * back to the runtime it came from, where it is itself again. It lives until it is released, collected, or its runtime is
 * closed.
 */
export class LuaHandle {
  /** What it is: `Lua function`, `channel`, `goroutine`, `wait group`, `mutex`, ... */
  readonly kind: string;
  readonly #core: RuntimeCore;
  #native: NativeHandle | undefined;

  // Only these functions reach inside, so that nothing internal shows in the public types.
  static {
    nativeHandleOf = (handle, core) => (handle.#core === core ? (handle.#native ?? 'released') : 'foreign');
    liveHandleOf = (handle) => {
      if (handle.#native) return handle.#native;
      throw new SlothError('E_CLOSED', `this ${handle.kind} was released`);
    };
  }

  /** @internal Handles are made by the runtime. */
  constructor(core: RuntimeCore, native: NativeHandle) {
    this.kind = native.kind;
    this.#core = core;
    this.#native = native;
  }

  /** Lets go of it. Doing it again is quiet; using it afterwards throws. */
  release(): void {
    if (this.#native) this.#core.releaseHandle(this.#native);
    this.#native = undefined;
  }
}
