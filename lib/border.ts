import type {HostFunction} from './host-function.js';
import type {HostFunctionRef} from './native/host-function-ref.js';
import type {RuntimeCore} from './runtime-core.js';

/** What crossing needs from a runtime: both kinds of functions are known there. */
export interface Border {
  readonly core: RuntimeCore;
  /** What stands for a JavaScript function in Lua. */
  hostRef(fn: HostFunction): HostFunctionRef;
  /** The JavaScript function that came back under its number. */
  hostFunction(hostId: number): HostFunction | undefined;
}
