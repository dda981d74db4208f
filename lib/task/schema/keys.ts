import type * as z from 'zod';

/** What several mentions of one key come to. */
export type Combination =
  /** The last one holds. */
  | 'last'
  /** All of them, in order. */
  | 'all'
  /** Tables, merged field by field. */
  | 'merged';

/** One method or key of a definition. */
export interface Key<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  readonly doc: string;
  readonly combine: Combination;
  /** What the arguments of the method are: `one` value, `many` that make a list, or a value and its `options`. */
  readonly args: 'one' | 'many' | 'with-options';
}

export type Keys = Readonly<Record<string, Key>>;

/** What was said of a definition by key; lists where a key is combined as `all`. */
export type Settings<K extends Keys> = {
  readonly [Name in keyof K]?: K[Name] extends {readonly combine: 'all'}
    ? readonly z.output<K[Name]['schema']>[]
    : z.output<K[Name]['schema']>;
};

interface KeyOptions<C extends Combination> {
  readonly combine?: C;
  readonly args?: Key['args'];
}

/** Describes a key. */
export function key<T extends z.ZodType, C extends Combination = 'last'>(
  doc: string,
  schema: T,
  {combine, args = 'one'}: KeyOptions<C> = {},
): Key<T> & {readonly combine: C} {
  return {schema, doc, combine: (combine ?? 'last') as C, args};
}
