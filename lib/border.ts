import type {HostObjects} from './host-objects.js';
import type {NativeHandle} from './native/native-handle.js';
import type {RuntimeCore} from './runtime-core.js';
import {type ValueOptions, type ValueRules, valueRules} from './value-options.js';

/** What crosses by reference because both sides are on one thread. */
export interface LocalBorder {
  /** The handle of a function or an object that stands for something of this engine. */
  handleOf(value: object): NativeHandle | undefined;
  /** Whether an object that could be copied is referred to instead. */
  readonly refersToAll: boolean;
  /** Whether an object that cannot be copied is referred to. */
  refersTo(value: object): boolean;
  /** What stands for something of Lua; undefined for what is not of this engine. */
  wrap(handle: NativeHandle): unknown;
}

/** What crossing needs of a runtime. */
export interface Border {
  readonly core: RuntimeCore;
  readonly objects: HostObjects;
  readonly rules: ValueRules;
  /** Where a synchronous engine is on the other side. */
  readonly local?: LocalBorder;
}

/** The border as the values of one run cross it. */
export function borderWith(border: Border, options: ValueOptions): Border {
  const rules = valueRules(options, border.rules);
  return rules === border.rules ? border : {...border, rules};
}
