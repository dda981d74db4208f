import {z} from 'zod';
import type {Sendable} from '../sendable.js';
import {textOf} from '../util/text-of.js';

/** Tells what is wrong with a value, one line a problem; nothing where it fits. */
export type Check = (value: Sendable) => readonly string[];

const lists = new Set(['required', 'enum', 'anyOf', 'allOf', 'oneOf', 'prefixItems', 'examples']);

/**
 * Makes a check of a JSON Schema (2020-12) that Lua gave: an empty table stands for an empty list where the schema needs a list.
 *
 * @throws TypeError for what is no schema, or uses a part that cannot be checked, naming it.
 */
export function checkOfSchema(schema: Sendable, what: string): Check {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new TypeError(`${what}: a JSON Schema, which is a table, expected`);
  }
  let parser: z.ZodType;
  try {
    parser = z.fromJSONSchema(withLists(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    throw new TypeError(`${what}: not a JSON Schema that can be checked: ${textOf(error)}`, {cause: error});
  }
  return (value) => {
    const {error} = parser.safeParse(value);
    const problems = (error?.issues ?? []).map(({path, message}) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    return problems.sort();
  };
}

function withLists(schema: Sendable, key = ''): Sendable {
  if (Array.isArray(schema)) return schema.map((item) => withLists(item));
  if (typeof schema !== 'object' || schema === null || Object.getPrototypeOf(schema) !== Object.prototype)
    return schema;
  const entries = Object.entries(schema);
  if (entries.length === 0 && lists.has(key)) return [];
  return Object.fromEntries(entries.map(([name, value]) => [name, withLists(value, name)]));
}
