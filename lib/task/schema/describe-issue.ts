import type * as z from 'zod';
import {didYouMean} from '../../util/did-you-mean.js';
import {DefinedFunction} from '../defined-function.js';
import {DefinedTable, Definition, Foreign} from '../reading/definition.js';
import {emptyTable} from './values.js';

/** What is wrong with a value, in words that may follow `task 'a': `. */
export function describeIssue(schema: z.ZodType, key: string, input: unknown, issue: z.core.$ZodIssue): string {
  const path = pathText(key, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = shapeKeys(schemaAt(schema, issue.path));
    return issue.keys
      .map((name) => {
        const guess = didYouMean(name, known);
        return `unknown setting '${path}.${name}'${guess ? ` (did you mean '${guess}'?)` : ''}`;
      })
      .join('; ');
  }
  return `'${path}' must be ${issue.message}, got ${shown(valueAt(input, issue.path))}`;
}

function pathText(key: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part + 1}]` : `${text}.${String(part)}`),
    key,
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  // A single value may stand for a list of one.
  return path.reduce<unknown>((value, part) => {
    if (typeof part === 'number' && !Array.isArray(value)) return value;
    return (value as Record<PropertyKey, unknown> | undefined)?.[part];
  }, input);
}

/** A value as error messages call it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nil';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof DefinedFunction) return 'a function';
  if (value instanceof Definition)
    return value.name === value.kind ? `a ${value.kind}` : `the ${value.kind} '${value.name}'`;
  if (value instanceof Foreign) return value.what;
  if (value === emptyTable) return 'an empty table';
  return Array.isArray(value) ? 'a list' : value instanceof DefinedTable ? 'a table that is a list, too' : 'a table';
}

type AnySchema = z.core.$ZodType;

/** The schema inside another one, along a path; the first that has fields where there are several. */
function schemaAt(schema: AnySchema, path: readonly PropertyKey[]): AnySchema | undefined {
  let found: AnySchema | undefined = unwrapped(schema);
  for (const part of path) {
    const def = found?._zod.def as z.core.$ZodTypes['_zod']['def'] | undefined;
    if (def?.type === 'object') found = unwrapped(def.shape[String(part)] ?? def.catchall);
    else if (def?.type === 'array') found = unwrapped(def.element);
    else if (def?.type === 'record') found = unwrapped(def.valueType);
    else return undefined;
  }
  return found;
}

function unwrapped(schema: AnySchema | undefined): AnySchema | undefined {
  const def = schema?._zod.def as z.core.$ZodTypes['_zod']['def'] | undefined;
  if (!def) return undefined;
  switch (def.type) {
    case 'optional':
      return unwrapped(def.innerType);
    case 'pipe':
      return unwrapped(def.in._zod.def.type === 'transform' ? def.out : def.in);
    case 'union':
      return def.options.map(unwrapped).find((option) => option && shapeKeys(option).length > 0);
    default:
      return schema;
  }
}

function shapeKeys(schema: AnySchema | undefined): readonly string[] {
  const def = schema?._zod.def as z.core.$ZodTypes['_zod']['def'] | undefined;
  return def?.type === 'object' ? Object.keys(def.shape) : [];
}

/**
 * The issues that say most: where none of several forms fits, those of the form that the value looks like; else one.
 */
export function tellingIssues(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const deeper = issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    );
    if (!deeper || deeper.length === 0) return [issue];
    return tellingIssues(deeper).map((inner) => ({...inner, path: [...issue.path, ...inner.path]}) as z.core.$ZodIssue);
  });
}
