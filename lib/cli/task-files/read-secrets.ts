import {SlothError} from '../../errors.js';
import type {SecretSource} from '../../modules/services.js';
import type {Sendable} from '../../sendable.js';
import type {SecretMask} from '../../util/secret-mask.js';
import {isTable, mergeValues, type Values, valueAt} from './read-assignments.js';
import {readTableFile} from './read-table-file.js';

/** The secrets of one run, and what hides them. */
export interface Secrets extends SecretSource {
  readonly mask: SecretMask;
  /**
   * A secret by the name that it has in the mask.
   *
   * @throws SlothError `E_VALUE` when it cannot be found any more.
   */
  readonly named: (name: string) => string;
}

/**
 * Reads `--secrets` files, YAML or JSON, each over the ones before it. All that is in them is hidden from the start; what
 * `utils.secret` finds in the environment, from when it hands it out.
 *
 * @throws SlothError `E_FILE` for a file that cannot be read, `E_VALUE` for one that is no table.
 */
export async function readSecrets(paths: readonly string[], mask: SecretMask): Promise<Secrets> {
  let secrets: Values = Object.create(null);
  for (const path of paths) secrets = mergeValues(secrets, await readTableFile('--secrets', path));
  hide(mask, secrets, '--secrets');
  return {
    mask,
    find: (name) => secretAt(secrets, name),
    given: (secret, name) => mask.add(secret, `environment: ${name}`),
    named: (name) => named(mask, name),
  };
}

// What a program asked for in an earlier run it has not asked for yet in this one.
function named(mask: SecretMask, name: string): string {
  const [, variable] = /^environment: (.*?)(#\d+)?$/s.exec(name) ?? [];
  const value = variable === undefined ? undefined : process.env[variable];
  if (variable !== undefined && value !== undefined) mask.add(value, `environment: ${variable}`);
  const found = mask.find(name);
  if (found !== undefined) return found;
  throw new SlothError(
    'E_VALUE',
    `a result of that run has the secret '${name}' in it, which is not there now: give it as it was given then`,
  );
}

/** Hides every text and number of a value; `name` is what its secrets are called, with the way to each behind it. */
export function hide(mask: SecretMask, value: Sendable, name: string): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    mask.add(String(value), name);
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) hide(mask, item, `${name}[${index + 1}]`);
  else if (isTable(value)) for (const [key, item] of Object.entries(value)) hide(mask, item, `${name}.${key}`);
}

function secretAt(secrets: Values, name: string): string | undefined {
  const own = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  const at = own === undefined ? valueAt(secrets, name) : own;
  if (at === undefined || at === null) return undefined;
  if (typeof at === 'object') {
    throw new SlothError('E_VALUE', `secret '${name}' is a table or a list: name a value in it, such as '${name}.x'`);
  }
  return String(at);
}
