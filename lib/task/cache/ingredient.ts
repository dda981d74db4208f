import {createHash} from 'node:crypto';

/**
 * One thing that a task's result is made from.
 *
 * | kind | name | digest of |
 * |---|---|---|
 * | `source` | the file | the text that defines what the task does |
 * | `command` | empty | the command line |
 * | `setting` | `workdir`, `user`, ... | the setting's value |
 * | `param`, `value` | its name | its value |
 * | `env` | its name | its value, keyed, so that a secret cannot be guessed from it |
 * | `input` | the path | the file's content and whether it can be executed |
 * | `dependency` | the task's name | what it handed on, and the files it made |
 * | `key` | empty | what the task's own `cache{key = ...}` says |
 */
export interface Ingredient {
  readonly kind: 'source' | 'command' | 'setting' | 'param' | 'value' | 'env' | 'input' | 'dependency' | 'key';
  readonly name: string;
  readonly digest: string;
  /** The value in a few words, where it may be shown. */
  readonly shown?: string | undefined;
}

// Part of each key: what is kept for another format is never found.
const format = 'sloth-runner cache 1';

/** The name under which the result of these ingredients is kept. Their order does not matter. */
export function cacheKeyOf(task: string, ingredients: readonly Ingredient[]): string {
  const lines = ingredients.map(({kind, name, digest}) => JSON.stringify([kind, name, digest])).sort();
  return digestOf([format, JSON.stringify(task), ...lines].join('\n'));
}

/** SHA-256 in hex. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** How an ingredient differs between two runs. */
export interface Change {
  readonly what: 'added' | 'removed' | 'changed';
  readonly kind: Ingredient['kind'];
  readonly name: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** What changed from one list of ingredients to another, by kind and name. */
export function compareIngredients(before: readonly Ingredient[], after: readonly Ingredient[]): readonly Change[] {
  const idOf = ({kind, name}: Ingredient): string => `${kind} ${name}`;
  const earlier = new Map(before.map((one) => [idOf(one), one]));
  const later = new Map(after.map((one) => [idOf(one), one]));
  const changes: Change[] = [];
  for (const id of [...new Set([...earlier.keys(), ...later.keys()])].sort()) {
    const [was, is] = [earlier.get(id), later.get(id)];
    const one = is ?? was;
    if (!one || was?.digest === is?.digest) continue;
    const what = was ? (is ? 'changed' : 'removed') : 'added';
    changes.push({what, kind: one.kind, name: one.name, before: was?.shown, after: is?.shown});
  }
  return changes;
}
