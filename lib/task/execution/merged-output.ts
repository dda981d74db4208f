import type {Sendable} from '../../sendable.js';
import {isPlainObject} from '../../util/plain-object.js';

/** An output with what `export` and `outputs` add: one that is no table stands under `value`. */
export function mergedOutput(value: Sendable, added: Readonly<Record<string, Sendable>> | undefined): Sendable {
  if (added === undefined) return value;
  if (value === undefined || value === null) return {...added};
  return isPlainObject(value) ? ({...value, ...added} as Record<string, Sendable>) : {value, ...added};
}
