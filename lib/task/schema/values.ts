import * as z from 'zod';
import type {Sendable} from '../../sendable.js';
import {parseDuration} from '../../util/parse-duration.js';
import {parseQuantity, type QuantityKind} from '../../util/parse-quantity.js';
import {DefinedFunction} from '../defined-function.js';
import {DefinedTable, type DefinedValue, Definition, type DefinitionKind, Foreign} from '../reading/definition.js';

/**
 * A value as schemas take it: a list is an array, a table with names an object, an empty one {@link emptyTable}. What is
 * both a list and has names stays a {@link DefinedTable}.
 */
export type SchemaInput = unknown;

/** `{}`, which may be an empty list as well as an object without fields. */
export const emptyTable: Readonly<Record<string, never>> = Object.freeze({});

/** Turns a value of a definition into what schemas take. */
export function schemaInput(value: DefinedValue): SchemaInput {
  if (!(value instanceof DefinedTable)) return value;
  if (value.isEmpty) return emptyTable;
  if (value.isList) return value.list.map(schemaInput);
  if (!value.isMap) return value;
  return Object.fromEntries(Object.entries(value.map).map(([key, item]) => [key, schemaInput(item)]));
}

// The message of each schema is what it expects: errors read `'timeout' must be MESSAGE, got ...`.

export const text = z.string({error: 'a string'});
export const flag = z.boolean({error: 'true or false'});
export const number = z.number({error: 'a number'});
export const count = z.int({error: 'an integer of at least 1'}).min(1, 'an integer of at least 1');
export const whole = z.int({error: 'an integer of at least 0'}).min(0, 'an integer of at least 0');
export const versionText = z.union([z.string(), z.number()], {error: 'a string'}).transform(String);

const durationMessage = 'a duration ("500ms", "10s", "1h30m" or seconds)';

/** Milliseconds. */
export const duration = z
  .union([z.string(), z.number()], {error: durationMessage})
  .refine((value) => parseDuration(value) !== undefined, durationMessage)
  .transform((value) => parseDuration(value) ?? 0)
  .meta({lua: 'string|number', description: 'a duration: "500ms", "10s", "1h30m", or seconds'});

/** Milliseconds, more than none. */
export const durationAbove0 = duration
  .refine((ms) => ms > 0, 'a duration above 0')
  .meta({lua: 'string|number', description: 'a duration above 0: "500ms", "10s", "1h30m", or seconds'});

/** A quantity, as a number: `"500m"` of cores is 0.5, `"1Gi"` of bytes 2^30. */
export function quantity(kind: QuantityKind, example: string) {
  return quantityFrom(0, kind, example);
}

/** A quantity that bounds something, and so is above 0. */
export function quantityLimit(kind: QuantityKind, example: string) {
  return quantityFrom(Number.MIN_VALUE, kind, example);
}

function quantityFrom(least: number, kind: QuantityKind, example: string) {
  const message = `a quantity of ${kind}${least > 0 ? ' above 0' : ''}, such as ${JSON.stringify(example)}`;
  return z
    .union([z.string(), z.number()], {error: message})
    .refine((value) => (parseQuantity(value, kind) ?? -1) >= least, message)
    .transform((value) => parseQuantity(value, kind) ?? 0)
    .meta({lua: 'string|number', description: message});
}

export function luaFunction(signature: string) {
  return z.instanceof(DefinedFunction, {error: 'a function'}).meta({lua: signature, description: 'a Lua function'});
}

/** A definition made by the DSL, of one of these kinds. */
export function definitionOf(kinds: readonly DefinitionKind[], expected: string, lua: string) {
  return z
    .custom<Definition>((value) => value instanceof Definition && kinds.includes(value.kind), {error: expected})
    .meta({lua, description: expected});
}

/** A list, where an empty table is an empty one. */
export function list<T extends z.ZodType>(item: T, expected: string) {
  return z.preprocess((value) => (value === emptyTable ? [] : value), z.array(item, {error: expected}));
}

/** One, or a list. Methods take several arguments as a list. */
export function oneOrMore<T extends z.ZodType>(item: T, expected: string) {
  const schema = z.preprocess(
    (value) => {
      if (value === emptyTable) return [];
      return Array.isArray(value) ? value : [value];
    },
    z.array(item, {error: expected}),
  );
  // For the JSON Schema, which sees the list only.
  return schema.meta({orOne: true});
}

/** An object with these keys only. */
export function object<Shape extends z.ZodRawShape>(shape: Shape, expected = 'a table') {
  const schema = z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? 'unknown' : expected),
  });
  // Functions, tasks and handles have fields of their own here, which nobody wrote.
  return z.preprocess((value) => (isNoTable(value) ? null : value), schema);
}

/** Whether a value is a function, a definition or a handle, though it is an object here. */
export function isNoTable(value: unknown): boolean {
  return value instanceof DefinedFunction || value instanceof Definition || value instanceof Foreign;
}

/** Names to values of one kind. */
export function mapOf<T extends z.ZodType>(value: T, expected: string) {
  return z.record(z.string(), value, {error: expected});
}

/** Data as tasks get it: no functions, nothing that cannot be written down. */
export const data: z.ZodType<unknown> = z
  .unknown()
  .refine((value) => findForeign(value) === undefined, 'data (no functions, tasks or handles)')
  .transform(plainData)
  .meta({lua: 'any', description: 'data'});

export const dataMap = z
  .custom<Record<string, unknown>>((value) => isMapOfData(value), {error: 'a table of names and data'})
  .transform((value) => plainData(value) as Record<string, unknown>)
  .meta({lua: 'table<string, any>', description: 'names and data'});

function isMapOfData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (value instanceof DefinedTable || value instanceof DefinedFunction || value instanceof Definition) return false;
  return findForeign(value) === undefined;
}

/** What is no data in a value, or undefined. */
function findForeign(value: unknown): unknown {
  if (value instanceof DefinedFunction || value instanceof Definition || value instanceof Foreign) return value;
  if (value instanceof DefinedTable) return [...value.list, ...Object.values(value.map)].find(findForeign);
  if (Array.isArray(value)) return value.find(findForeign);
  if (typeof value === 'object' && value !== null) return Object.values(value).find(findForeign);
  return undefined;
}

/** The entries that are data. */
export function dataIn(map: Readonly<Record<string, DefinedValue>>): Readonly<Record<string, Sendable>> {
  const entries = Object.entries(map).map(([key, value]) => [key, schemaInput(value)] as const);
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      findForeign(value) === undefined ? [[key, plainData(value) as Sendable] as const] : [],
    ),
  );
}

function plainData(value: unknown): unknown {
  if (value instanceof DefinedTable) {
    const entries: [unknown, unknown][] = value.list.map((item, index) => [index + 1, plainData(schemaInput(item))]);
    for (const [key, item] of Object.entries(value.map)) entries.push([key, plainData(schemaInput(item))]);
    return Object.fromEntries(entries);
  }
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainData(item)]));
  }
  return value;
}
