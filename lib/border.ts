import type {HostObjects} from './host-objects.js';
import type {RuntimeCore} from './runtime-core.js';
import type {ValueRules} from './value-options.js';

/** What crossing needs of a runtime. */
export interface Border {
  readonly core: RuntimeCore;
  readonly objects: HostObjects;
  readonly rules: ValueRules;
}
