import type {Sendable} from '../../sendable.js';
import type {PlannedTask} from '../plan.js';
import {parseTemplate} from '../templates/parse-template.js';
import type {Template} from '../templates/template.js';
import type {CacheInputs} from './execution-store.js';
import {fillData, fillTemplate, type TemplateData} from './fill-template.js';

/** Where what a task says is filled in. */
export interface FillingPlace {
  readonly values: Readonly<Record<string, Sendable>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it runs when nobody says where. */
  readonly workdir: string;
  /** That of its workflow. */
  readonly workflowWorkdir: Template | undefined;
  /** A path of the task file. */
  readonly absolute: (path: string) => string;
  /** Outputs of those it depends on, as data. */
  readonly dependencies: () => Readonly<Record<string, Sendable>>;
}

/** What a task says, with its placeholders filled in. */
export interface FilledTask {
  readonly params: Readonly<Record<string, Sendable>>;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly outputs: Readonly<Record<string, Sendable>>;
}

/** @throws MissingValue when there is no value for a placeholder. */
export function fillTask(task: PlannedTask, place: FillingPlace): FilledTask {
  const templateOf = (text: string): Template => parseTemplate(text).template;
  const params = fillData(task.params, templateOf, templateDataOf(task.params, {}, place)) as FilledTask['params'];
  const data = templateDataOf(params, {}, place);
  const env = Object.fromEntries(
    Object.entries(task.env).map(([name, template]) => [name, fillTemplate(template, data)]),
  );
  const full = templateDataOf(params, env, place);
  const workdir = task.workdir ?? place.workflowWorkdir;
  return {
    params,
    env,
    workdir: workdir === undefined ? place.workdir : place.absolute(fillTemplate(workdir, full)),
    outputs: fillData(task.outputs, templateOf, full) as FilledTask['outputs'],
  };
}

/** Where placeholders of a task take their values from. Most have none: what would be copied is made when one asks for it. */
export function templateDataOf(
  params: FilledTask['params'],
  env: FilledTask['env'],
  {values, environment, dependencies}: FillingPlace,
): TemplateData {
  return {
    params,
    values,
    get env() {
      return {...environment, ...env};
    },
    get deps() {
      return dependencies();
    },
  };
}

/** Whether the result of a task may be kept. */
export function mayBeKept({cache, action, streams}: PlannedTask, optimizationLevel: string): boolean {
  // What one reads while others emit it is not known when it starts.
  return cache.enabled && cache.asked && streams.length === 0 && action.kind !== 'none' && optimizationLevel !== 'none';
}

/** What decides about a kept result of a task; undefined when none may be kept. @throws MissingValue as above. */
export function cacheInputsOf(
  task: PlannedTask,
  {params, env, workdir}: Pick<FilledTask, 'params' | 'env' | 'workdir'>,
  place: FillingPlace,
  about: {
    readonly workflow: string;
    readonly optimizationLevel: string;
    readonly sourceOf: (fn: Extract<PlannedTask['action'], {kind: 'function'}>['body']) => string;
    readonly sources: ReadonlyMap<string, string>;
  },
): CacheInputs | undefined {
  const {cache, action} = task;
  if (action.kind === 'none' || !mayBeKept(task, about.optimizationLevel)) return undefined;
  const deciding: Record<string, string> = {...env};
  for (const name of cache.env) deciding[name] = place.environment[name] ?? '';
  return {
    workflow: about.workflow,
    task,
    params,
    dependencies: place.dependencies(),
    env: deciding,
    workdir,
    values: place.values,
    source: action.kind === 'shell' ? action.command.text : about.sourceOf(action.body),
    files: action.kind === 'shell' ? new Map() : about.sources,
    ...(cache.key !== undefined && {key: fillTemplate(cache.key, templateDataOf(params, env, place))}),
  };
}
