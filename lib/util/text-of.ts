/**
 * A thrown value or a reason in words; what is neither an error nor a string follows `prefix`. Whatever it is: describing
 * it may throw in turn, and must not.
 */
export function textOf(thrown: unknown, prefix = ''): string {
  try {
    if (thrown instanceof Error) return String(thrown.message || thrown.name);
    return typeof thrown === 'string' ? thrown : `${prefix}${String(thrown)}`;
  } catch {
    return `${prefix}something that cannot be described`;
  }
}

/** What ought to be text, as it came: bytes are taken for UTF-8. */
export function asText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}
