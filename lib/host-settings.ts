import type {LuaModule} from './lua-module.js';
import type {RuntimeOptions, UnhandledError} from './runtime-options.js';
import type {OutputTargets, ScriptOutput} from './script-output.js';
import type {ValueRules} from './value-options.js';

/** What the host of a runtime decides itself: who takes output and errors, and limits that runs may override. */
export interface HostSettings extends OutputTargets {
  /** Told once when nobody reads a stream that the addon writes itself. */
  readonly broken?: ((stream: 'stdout' | 'stderr') => void) | undefined;
  readonly unhandled?: ((error: UnhandledError) => void) | undefined;
  readonly modules?: readonly LuaModule[] | undefined;
  readonly resolveModule?: RuntimeOptions['resolveModule'];
  readonly hasManualClock?: boolean | undefined;
  /** How values cross. */
  readonly values: ValueRules;
  /** What diagnostics name. */
  readonly runtime: object;
  /** The time limit of runs that name none. */
  readonly timeoutMs?: number | undefined;
}

/** Reports what went wrong where nobody asks, as errors of goroutines that nobody awaits are reported. */
export function tellUnasked({unhandled}: HostSettings, output: ScriptOutput, message: string): void {
  if (unhandled) unhandled({runId: 0, goroutineId: 0, message, luaTraceback: '', spawnSite: ''});
  else output.say(message);
}
