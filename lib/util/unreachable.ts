/** Marks the default case of a switch over a union: a new member without a case fails to compile there. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
