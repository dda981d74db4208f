import {readFile} from 'node:fs/promises';
import {SlothError} from '../../errors.js';
import type {Sendable} from '../../sendable.js';
import {SecretMask} from '../../util/secret-mask.js';
import {textOf} from '../../util/text-of.js';
import {isTable, mergeValues, readAssignments, type Values} from './read-assignments.js';

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
  for (const path of paths) values = mergeValues(values, await readValuesFile(path));
  values = mergeValues(values, readAssignments('--set', set));
  const mask = new SecretMask();
  const {secrets} = values;
  if (Array.isArray(secrets)) {
    for (const name of secrets) hide(mask, valueAt(values, String(name)));
  } else {
    hide(mask, secrets);
  }
  return {values, mask};
}

async function readValuesFile(path: string): Promise<Values> {
  const {parseDocument} = await import('yaml');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SlothError('E_FILE', `--values ${path} cannot be read: ${textOf(error)}`, {cause: error});
  }
  const document = parseDocument(text, {prettyErrors: true});
  const [problem] = document.errors;
  if (problem) throw new SlothError('E_VALUE', `--values ${path}: ${problem.message}`);
  const value = (document.toJS() ?? {}) as Sendable;
  if (!isTable(value)) throw new SlothError('E_VALUE', `--values ${path}: a table of values was expected at the top`);
  return value;
}

function valueAt(values: Values, name: string): Sendable {
  let at: Sendable = values;
  for (const part of name.split('.')) at = isTable(at) ? at[part] : undefined;
  if (at === undefined) throw new SlothError('E_VALUE', `values.secrets names '${name}', which has no value`);
  return at;
}

function hide(mask: SecretMask, value: Sendable): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') mask.add(String(value));
  else if (Array.isArray(value)) for (const item of value) hide(mask, item);
  else if (isTable(value)) for (const item of Object.values(value)) hide(mask, item);
}
