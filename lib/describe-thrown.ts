/** The name under which Lua's errors know a function. */
export function nameOf(fn: object): string {
  const {name} = fn as {name: unknown};
  return typeof name === 'string' && name !== '' ? name : 'host function';
}

/** The name of an object's class, as far as it tells. */
export function classNameOf(value: object): string {
  const name: unknown = readQuietly(() => value.constructor?.name, undefined);
  return typeof name === 'string' && name !== '' ? name : 'Object';
}

/** What Lua can read of something that was thrown, whatever it is: its plain fields, and its cause. `text` is its message. */
export function errorFields(thrown: unknown, text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  fields['message'] = text;
  if (typeof thrown !== 'object' || thrown === null) {
    fields['name'] = typeof thrown;
    return fields;
  }
  for (const name of new Set(['name', 'stack', 'cause', ...readQuietly(() => Object.keys(thrown), [])])) {
    const field = readQuietly(() => (thrown as Readonly<Record<string, unknown>>)[name], undefined);
    const isPlain = typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean';
    if (name === 'cause' ? field !== undefined : isPlain && name !== 'message') fields[name] = field;
  }
  return fields;
}

function readQuietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
