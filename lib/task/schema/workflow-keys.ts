import * as z from 'zod';
import {DefinedFunction} from '../defined-function.js';
import {DefinedTable, Definition} from '../reading/definition.js';
import {key} from './keys.js';
import {circuitOptions, hooksTable, resources, retries} from './task-keys.js';
import {
  count,
  data,
  definitionOf,
  duration,
  flag,
  list,
  luaFunction,
  mapOf,
  object,
  text,
  versionText,
} from './values.js';

/** Names, built tasks, tables that define tasks, functions by name, and what orders them; read by `read-task-list`. */
export const taskList = z
  .custom<unknown>((value) => value !== undefined && typeof value !== 'number' && typeof value !== 'boolean', {
    error: 'tasks, names of tasks, or tables that define them',
  })
  .meta({
    lua: 'any',
    description: 'tasks, names, tables that define tasks, a map of such, chain{...}, parallel{...}, when(...)',
  });

export const saga = object({
  participants: list(text, 'a list of names').optional(),
  coordinator: text.optional(),
  compensation: mapOf(luaFunction('fun(ctx: sloth.Ctx)'), 'a table of functions by participant').optional(),
});

export const failureModes = {stop: 'no-new', 'no-new': 'no-new', continue: 'continue', kill: 'kill'} as const;

export const workflowConfig = object({
  timeout: duration.optional(),
  max_parallel_tasks: count.optional(),
  fail_fast: flag.optional(),
  on_task_failure: z.enum(['stop', 'no-new', 'continue', 'kill'], {error: '"stop", "continue" or "kill"'}).optional(),
  retry_policy: retries.optional(),
  workdir: text.optional(),
  cleanup: flag.optional(),
  cleanup_on_failure: flag.optional(),
  circuit_breaker: circuitOptions.optional(),
});

const stageCondition = z.union([z.string(), definitionOf(['when'], 'a when', 'sloth.When')], {
  error: 'a condition or when(...)',
});

/** Every key of a stage. */
export const stageKeys = {
  name: key('What conditions and reports call it. Default: `stage 1`, ...', text),
  tasks: key('What runs in it.', taskList, {combine: 'all'}),
  condition: key('It runs when this is true, also after a failure.', stageCondition),
  saga: key('How it is undone.', saga),
  max_workers: key('Tasks of it that run at a time.', count),
  fail_fast: key('true: a failure cancels the others. false: it stops none of them.', flag),
  timeout: key('What takes longer is cancelled.', duration),
} as const;

function hook(doc: string, signature: string) {
  return key(doc, luaFunction(signature), {combine: 'all'});
}

export const workflowHookKeys = ['on_start', 'on_complete', 'on_success', 'on_failure'] as const;

/** Every method of a workflow and every key of its table. */
export const workflowKeys = {
  description: key('Shown in lists and reports.', text),
  version: key('Shown in lists and reports.', versionText),
  tasks: key('What it runs, where it has no stages.', taskList, {combine: 'all', args: 'many'}),
  stages: key(
    'What it runs, one stage after the other.',
    z.unknown().meta({lua: 'sloth.Stage[]', description: 'stages'}),
    {
      combine: 'all',
      args: 'many',
    },
  ),
  config: key('Limits and defaults for its tasks.', workflowConfig, {combine: 'merged'}),
  on_start: hook('Called before its first task.', 'fun(ctx: sloth.Ctx)'),
  on_complete: hook('Called last, however it ended.', 'fun(success: boolean, results: table, ctx: sloth.Ctx)'),
  on_success: hook('Called when it succeeded.', 'fun(ctx: sloth.Ctx)'),
  on_failure: hook('Called when it failed.', 'fun(ctx: sloth.Ctx, err: sloth.Failure)'),
  hooks: key('Hooks by event, with names.', hooksTable(workflowHookKeys), {combine: 'all'}),
  error_handling: key(
    'Called when it failed, after compensations.',
    object({on_failure: luaFunction('fun(ctx: sloth.Ctx, err: sloth.Failure)').optional()}),
    {combine: 'all'},
  ),
  resources: key('What it asks of the machine as a whole.', resources),
  saga: key('How it is undone.', saga),
  security: key(
    'Refused unless run --allow-unsupported is given.',
    z.unknown().meta({lua: 'table', description: 'refused'}),
  ),
  workdir: key('Where commands of its tasks run; relative to the file.', text),
} as const;

export {DefinedFunction, DefinedTable, Definition, data};
