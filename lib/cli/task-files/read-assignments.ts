import {SlothError} from '../../errors.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';

/** A tree of values by name. */
export type Values = {readonly [name: string]: Sendable};

type Writable = {[name: string]: Sendable};

/**
 * Reads `name=text` and `name:=json`, one a flag; a name with dots stands for a value inside.
 *
 * @param flag named in what is raised.
 * @throws SlothError `E_VALUE` for anything else.
 */
export function readAssignments(flag: string, given: readonly string[]): Values {
  const values: Writable = Object.create(null);
  for (const text of given) {
    const [, name, isJson, value = ''] = /^([^=:]+)(:?)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      throw new SlothError(
        'E_VALUE',
        `${flag} ${JSON.stringify(text)}: write name=text, or name:=json for other types`,
      );
    }
    put(values, name.split('.'), isJson ? parseJson(flag, text, value) : value);
  }
  return values;
}

/** The value that a name with dots stands for; nothing where there is none. */
export function valueAt(values: Values, name: string): Sendable {
  let at: Sendable = values;
  for (const part of name.split('.')) at = isTable(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}

/** What is in `over` comes before what is in `under`; tables are merged. */
export function mergeValues(under: Values, over: Values): Values {
  const merged: Writable = Object.assign(Object.create(null), under);
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isTable(below) && isTable(value) ? mergeValues(below, value) : value;
  }
  return merged;
}

/** Whether a value has names inside. */
export function isTable(value: Sendable): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function put(values: Writable, [name = '', ...more]: readonly string[], value: Sendable): void {
  if (more.length === 0) {
    values[name] = value;
    return;
  }
  const inside = values[name];
  const table: Writable = isTable(inside) ? (inside as Writable) : Object.create(null);
  values[name] = table;
  put(table, more, value);
}

function parseJson(flag: string, text: string, json: string): Sendable {
  try {
    return JSON.parse(json) as Sendable;
  } catch (error) {
    throw new SlothError('E_VALUE', `${flag} ${JSON.stringify(text)}: this is no JSON: ${textOf(error)}`);
  }
}
