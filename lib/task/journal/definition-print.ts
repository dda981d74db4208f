import {digestOf} from '../cache/ingredient.js';
import {DefinedFunction} from '../defined-function.js';
import {FunctionTexts} from '../function-texts.js';
import type {Plan} from '../plan.js';
import type {DefinitionPrint} from './run-records.js';

/**
 * What a plan and its files are, in digests: where a task stands in its file does not matter.
 *
 * @param named what a file is called, wherever it is run from.
 */
export function definitionPrint(
  plan: Plan,
  sources: ReadonlyMap<string, string>,
  named: (path: string) => string,
): DefinitionPrint {
  const functions = new FunctionTexts(sources);
  const tasks = plan.workflows.flatMap(({name, tasks: planned}) =>
    planned.map((task) => [`${name}/${task.name}`, digestOf(textOf(task, functions))] as const),
  );
  const files = [...sources].map(([path, text]) => [named(path), digestOf(text)] as const);
  return {files: Object.fromEntries(files), tasks: Object.fromEntries(tasks)};
}

/** What differs between two definitions, in words; empty when nothing does. */
export function definitionChanges(before: DefinitionPrint, after: DefinitionPrint): readonly string[] {
  const changedFiles = changedKeys(before.files, after.files);
  if (changedFiles.length === 0) return [];
  const tasks = changedKeys(before.tasks, after.tasks).map((key) => {
    const what = key in before.tasks ? (key in after.tasks ? 'changed' : 'is gone') : 'is new';
    return `task '${key.slice(key.indexOf('/') + 1)}' ${what}`;
  });
  return tasks.length > 0 ? tasks : [`code outside of the tasks changed in ${changedFiles.join(', ')}`];
}

function changedKeys(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
}

function textOf(task: object, functions: FunctionTexts): string {
  return JSON.stringify(task, (key, value: unknown) => {
    if (value instanceof DefinedFunction) return functions.of(value);
    if (key === 'line' || key === 'file' || key === 'id') return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  });
}
