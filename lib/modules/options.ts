import {didYouMean} from '../util/did-you-mean.js';
import {isPlainObject} from '../util/plain-object.js';
import {asText} from '../util/text-of.js';

interface OptionTypes {
  string: string;
  bytes: string | Uint8Array;
  number: number;
  integer: number;
  boolean: boolean;
  table: Readonly<Record<string, unknown>>;
  list: readonly unknown[];
  any: unknown;
}

/** Which options a function takes, and of which type each is. */
export type OptionShape = Readonly<Record<string, keyof OptionTypes>>;
export type Options<Shape extends OptionShape> = {
  readonly [Name in keyof Shape]?: OptionTypes[Shape[Name]] | undefined;
};

/**
 * Reads the table of options that a program gave.
 *
 * @throws Error that names the option, what was expected and what came, or says what is known.
 */
export function readOptions<const Shape extends OptionShape>(given: unknown, shape: Shape): Options<Shape> {
  if (given === undefined) return {};
  if (!isPlainObject(given)) throw new Error(`options: a table with names expected, got ${luaType(given)}`);
  const read: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    const type = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!type) {
      const names = Object.keys(shape);
      const meant = didYouMean(name, names);
      throw new Error(
        `there is no option '${name}'; ${meant ? `did you mean '${meant}'?` : `known: ${names.join(', ')}`}`,
      );
    }
    read[name] = readValue(`option '${name}'`, value, type);
  }
  return read as Options<Shape>;
}

/** As {@link readOptions}, where some must be given. */
export function readRequired<const Shape extends OptionShape, const Name extends keyof Shape & string>(
  given: unknown,
  shape: Shape,
  names: readonly Name[],
): Options<Shape> & {readonly [Key in Name]: OptionTypes[Shape[Key]]} {
  const options = readOptions(given ?? {}, shape);
  for (const name of names) {
    if (options[name] === undefined) throw new Error(`option '${name}' is missing: ${shape[name]} expected`);
  }
  return options as Options<Shape> & {readonly [Key in Name]: OptionTypes[Shape[Key]]};
}

function readValue(what: string, value: unknown, type: keyof OptionTypes): unknown {
  switch (type) {
    case 'any':
      return value;
    case 'string':
      if (typeof value === 'string' || value instanceof Uint8Array) return asText(value);
      break;
    case 'bytes':
      if (typeof value === 'string' || value instanceof Uint8Array) return value;
      break;
    case 'number':
      if (typeof value === 'number') return value;
      break;
    case 'integer':
      if (Number.isInteger(value)) return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'table':
      if (isPlainObject(value)) return value;
      break;
    case 'list': {
      const list = listOf(value);
      if (list) return list;
      break;
    }
  }
  throw new Error(`${what}: ${type === 'bytes' ? 'string' : type} expected, got ${luaType(value)}`);
}

/** A list of Lua; an empty table may be one. */
export function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isPlainObject(value) && Object.keys(value).length === 0 ? [] : undefined;
}

/** How Lua calls the type of a value that came from there. */
export function luaType(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  if (value instanceof Uint8Array) return 'string';
  if (typeof value === 'bigint') return 'number';
  return typeof value === 'object' ? 'table' : typeof value;
}
