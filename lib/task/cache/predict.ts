import {dirname, isAbsolute, resolve} from 'node:path';
import type {Sendable} from '../../sendable.js';
import {cacheInputsOf, type FillingPlace, fillTask, mayBeKept} from '../execution/fill-task.js';
import {MissingValue} from '../execution/fill-template.js';
import {FunctionTexts} from '../function-texts.js';
import type {Plan, PlannedTask, PlannedWorkflow} from '../plan.js';
import type {CacheKeeper} from './cache-keeper.js';
import type {Change} from './ingredient.js';

/**
 * What the cache would do for a task that may be kept, as files are now. Every consumer switches on `kind`.
 *
 * | kind | meaning |
 * |---|---|
 * | `restored` | its kept result would be put back |
 * | `runs` | none that holds is kept; `changes` since the last that was, missing where there is none |
 * | `open` | it depends on what `on` gives, which runs |
 */
export type Prediction = {readonly workflow: string; readonly task: string} & (
  | {readonly kind: 'restored'}
  | {readonly kind: 'runs'; readonly changes?: readonly Change[] | undefined}
  | {readonly kind: 'open'; readonly on: string}
);

/** What predictions are made from. */
export interface PredictionInputs {
  readonly keeper: Pick<CacheKeeper, 'predict'>;
  /** Of the task file. */
  readonly path: string;
  readonly sources: ReadonlyMap<string, string>;
  readonly values: Readonly<Record<string, Sendable>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workdir: string;
}

/** Predicts for the tasks of a plan, in its order, what the cache would restore. Changes nothing. */
export async function predictCache({workflows, settings}: Plan, inputs: PredictionInputs): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (const workflow of workflows) predictions.push(...(await predictWorkflow(workflow, settings, inputs)));
  return predictions;
}

async function predictWorkflow(
  workflow: PlannedWorkflow,
  {optimizationLevel}: Plan['settings'],
  {keeper, path, sources, values, environment, workdir}: PredictionInputs,
): Promise<Prediction[]> {
  const functions = new FunctionTexts(sources);
  const outputs = new Map<string, Sendable>();
  const predictions: Prediction[] = [];
  const placeOf = ({dependsOn, after}: PlannedTask): FillingPlace => ({
    values,
    environment,
    workdir,
    workflowWorkdir: workflow.workdir,
    absolute: (name) => (isAbsolute(name) ? name : resolve(dirname(resolve(path)), name)),
    dependencies: () => Object.fromEntries([...dependsOn, ...after].map((name) => [name, outputs.get(name)])),
  });
  for (const task of workflow.tasks) {
    if (!mayBeKept(task, optimizationLevel)) continue;
    const named = {workflow: workflow.name, task: task.name};
    const on = [...task.dependsOn, ...task.after].find((name) => !outputs.has(name));
    if (on !== undefined) {
      predictions.push({...named, kind: 'open', on});
      continue;
    }
    const place = placeOf(task);
    const about = {workflow: workflow.name, optimizationLevel, sourceOf: functions.of.bind(functions), sources};
    try {
      const asked = cacheInputsOf(task, fillTask(task, place), place, about);
      const found = asked && (await keeper.predict(asked));
      if (found?.entry) outputs.set(task.name, found.entry.value);
      predictions.push(found?.entry ? {...named, kind: 'restored'} : {...named, kind: 'runs', changes: found?.changes});
    } catch (error) {
      // It will fail when it starts, and is not restored.
      if (!(error instanceof MissingValue)) throw error;
      predictions.push({...named, kind: 'runs'});
    }
  }
  return predictions;
}
