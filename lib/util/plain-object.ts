/** A record as script code would write it: no class, so no behaviour that a copy would lose. */
export type PlainObject = Record<string, unknown>;

/** True for objects made by a literal or by `Object.create(null)`, of this realm or another. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
