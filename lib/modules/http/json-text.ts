import type {Sendable} from '../../sendable.js';
import {luaNull} from '../../special-values.js';
import {textOf} from '../../util/text-of.js';

/**
 * Writes a value of Lua as JSON.
 *
 * @throws TypeError with the path of what JSON has no form for.
 */
export function toJsonText(value: unknown, what: string): string {
  const text = JSON.stringify(check(value, what, 0, what));
  return text ?? 'null';
}

const deepest = 1000;

function check(value: unknown, path: string, depth: number, what: string): unknown {
  // The path to it would be as long.
  if (depth > deepest) throw new TypeError(`${what}: nested more than ${deepest} deep`);
  if (value === luaNull || value === undefined || value === null) return null;
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${path}: ${value} has no form in JSON`);
  if (typeof value !== 'object') {
    if (typeof value === 'function' || typeof value === 'bigint')
      throw new TypeError(`${path}: a ${typeof value} has no form in JSON`);
    return value;
  }
  if (Array.isArray(value)) return value.map((item, index) => check(item, `${path}[${index + 1}]`, depth + 1, what));
  if (value instanceof Uint8Array) throw new TypeError(`${path}: a string that is not UTF-8 has no form in JSON`);
  if (value instanceof Map) throw new TypeError(`${path}: a table with keys of several kinds has no form in JSON`);
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    throw new TypeError(`${path}: a ${value.constructor?.name ?? 'value'} has no form in JSON`);
  }
  // Tables have no order; what is written should not depend on chance.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, check(item, `${path}.${key}`, depth + 1, what)]));
}

/**
 * Reads JSON; `null` becomes nil.
 *
 * @throws Error when it is none, saying where.
 */
export function parseJson(text: string): Sendable {
  try {
    return JSON.parse(text) as Sendable;
  } catch (error) {
    throw new Error(`not JSON: ${textOf(error)}`);
  }
}
