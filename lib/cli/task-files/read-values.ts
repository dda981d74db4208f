import {SlothError} from '../../errors.js';
import type {Sendable} from '../../sendable.js';
import {SecretMask} from '../../util/secret-mask.js';
import {mergeValues, readAssignments, type Values, valueAt} from './read-assignments.js';
import {hide} from './read-secrets.js';
import {readTableFile} from './read-table-file.js';

/** What the global `values` holds, and what of it must not be shown. */
export interface ReadValues {
  readonly values: Values;
  readonly mask: SecretMask;
}

/**
 * Reads `--values` files, YAML or JSON, each over the ones before it, and `--set` over them. What stands under the key
 * `secrets` is secret; where that is a list, it names values that are (`secrets: [db.password]`).
 *
 * @throws SlothError `E_FILE` for a file that cannot be read, `E_VALUE` for one that is no table.
 */
export async function readValues(paths: readonly string[], set: readonly string[]): Promise<ReadValues> {
  let values: Values = Object.create(null);
  for (const path of paths) values = mergeValues(values, await readTableFile('--values', path));
  values = mergeValues(values, readAssignments('--set', set));
  const mask = new SecretMask();
  const {secrets} = values;
  if (Array.isArray(secrets)) {
    for (const name of secrets) hide(mask, namedValue(values, String(name)), `values.${String(name)}`);
  } else {
    hide(mask, secrets, 'values.secrets');
  }
  return {values, mask};
}

function namedValue(values: Values, name: string): Sendable {
  const value = valueAt(values, name);
  if (value === undefined) throw new SlothError('E_VALUE', `values.secrets names '${name}', which has no value`);
  return value;
}
