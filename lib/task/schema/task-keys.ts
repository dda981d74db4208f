import * as z from 'zod';
import type {QuantityKind} from '../../util/parse-quantity.js';
import {DefinedFunction} from '../defined-function.js';
import {DefinedTable, Definition, Foreign} from '../reading/definition.js';
import {key} from './keys.js';
import {
  count,
  data,
  dataMap,
  definitionOf,
  duration,
  emptyTable,
  flag,
  isNoTable,
  list,
  luaFunction,
  mapOf,
  number,
  object,
  oneOrMore,
  quantity,
  quantityLimit,
  text,
} from './values.js';

export const strategies = ['fixed', 'linear', 'exponential'] as const;
const strategyText = z.enum(strategies, {error: '"fixed", "linear" or "exponential"'});

export const retryTable = object({
  max_attempts: count.optional(),
  strategy: strategyText.optional(),
  delay: duration.optional(),
  backoff_multiplier: number.min(1, 'a number of at least 1').optional(),
  max_delay: duration.optional(),
  jitter: number.min(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1').optional(),
});

const retryCount = z.int({error: 'an integer of at least 0'}).min(0, 'an integer of at least 0');

/** `retries(3, "fixed")` arrives as a pair. */
export const retries = z.union([retryCount, z.tuple([retryCount, strategyText]), retryTable], {
  error: 'attempts after the first, or a table with max_attempts, strategy, delay, ...',
});

const body = luaFunction('fun(this: sloth.This, params: table, deps: table): ...');

const commandMessage = 'a function or a shell command';
export const command = z
  .custom<DefinedFunction | string | Definition>(
    (value) =>
      (typeof value === 'string' && value.trim() !== '') ||
      value instanceof DefinedFunction ||
      (value instanceof Definition && value.kind === 'task'),
    {error: commandMessage},
  )
  .meta({lua: 'string|fun(this: sloth.This, params: table, deps: table): ...', description: commandMessage});

const reference = z.union([z.string(), definitionOf(['task', 'group'], 'a built task', 'sloth.Task')], {
  error: 'names or built tasks',
});

const guardMessage = 'a function, a shell command or a condition';
export const guard = z.union([z.string(), luaFunction('fun(params: table, deps: table): boolean')], {
  error: guardMessage,
});

/** `"a.success && !b.failed"`, or `when(...):then(...):else(...)`. */
const conditionOrWhen = z.union(
  [z.string(), luaFunction('fun(params: table, deps: table): boolean'), definitionOf(['when'], 'a when', 'sloth.When')],
  {error: guardMessage},
);

const namedHook = object({name: text.optional(), command: z.union([z.string(), body], {error: commandMessage})});
const hookEntries = z.union(
  [body, list(z.union([body, namedHook], {error: 'a function or {name =, command =}'}), 'a list')],
  {
    error: 'a function, or a list of functions and {name =, command =}',
  },
);

/** `hooks = {on_failure = {f, {name = "clean", command = "rm -rf out"}}}` for these events. */
export function hooksTable(events: readonly string[]) {
  return object(Object.fromEntries(events.map((event) => [event, hookEntries.optional()])));
}

function hook(doc: string, signature: string) {
  return key(doc, luaFunction(signature), {combine: 'all'});
}

export const circuitOptions = object({
  failure_threshold: count.optional(),
  recovery_timeout: duration.optional(),
  half_open_requests: count.optional(),
});

function share(kind: QuantityKind, example: string) {
  return object({
    request: quantity(kind, example).optional(),
    limit: quantityLimit(kind, example).optional(),
  }).optional();
}

export const resources = object({cpu: share('cores', '500m'), memory: share('bytes', '512Mi')});

const consumed = z.union(
  [
    z.string(),
    object({task: text.optional(), pattern: text.optional()}),
    definitionOf(['task'], 'a built task', 'sloth.Task'),
  ],
  {error: 'a name, or {task =, pattern =}'},
);

const globs = oneOrMore(text, 'globs');

const environmentValue = z.union([z.string(), z.number(), z.boolean()], {error: 'a string, a number or true or false'});

// Names with values are set; names in the list part belong to the hash of the cache.
const environment = z
  .custom<DefinedTable | Record<string, unknown> | readonly string[]>((value) => isEnvironment(value), {
    error: 'a table of names and strings',
  })
  .meta({lua: 'table<string, string>', description: 'environment variables to set; names in the list part are hashed'});

function isEnvironment(value: unknown): boolean {
  if (value === emptyTable) return true;
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string');
  if (value instanceof DefinedTable) {
    return (
      value.list.every((name) => typeof name === 'string') &&
      Object.values(value.map).every((item) => environmentValue.safeParse(item).success)
    );
  }
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Definition) &&
    mapOf(environmentValue, '').safeParse(value).success
  );
}

const matrixMessage = 'names with lists of values, and include and exclude';
const matrixAxis = list(
  z.union([z.string(), z.number(), z.boolean()], {error: 'a string, a number or true or false'}),
  'a list of values',
);
export const matrix = z.preprocess(
  (value) => (value === emptyTable || isNoTable(value) ? undefined : value),
  z
    .object(
      {include: list(dataMap, 'a list of tables').optional(), exclude: list(dataMap, 'a list of tables').optional()},
      {error: matrixMessage},
    )
    .catchall(matrixAxis),
);

export const taskHookKeys = ['pre_hook', 'post_hook', 'on_success', 'on_failure', 'on_timeout', 'on_skip'] as const;

/** Every method of a task and every key of its table. */
export const taskKeys = {
  description: key('Shown in lists and reports.', text),
  tags: key('Words to choose tasks by.', oneOrMore(text, 'strings'), {args: 'many'}),
  priority: key('Of the tasks that may start, those with a higher one start first. Default: 0.', number),
  command: key('A function, or a command line for `sh` whose output streams.', command),
  depends_on: key(
    'It runs after these, and is skipped when one of them did not succeed.',
    oneOrMore(reference, 'names or built tasks'),
    {
      combine: 'all',
      args: 'many',
    },
  ),
  params: key('What its function gets as `params`. `--param` is merged over them.', dataMap, {combine: 'merged'}),
  consumes: key(
    'Files of other tasks that it takes over into its workdir.',
    oneOrMore(consumed, 'names or {task =, pattern =}'),
    {
      combine: 'all',
      args: 'many',
    },
  ),
  artifacts: key('Globs of files that it hands on.', globs, {combine: 'all', args: 'many'}),
  timeout: key('An attempt that takes longer is cancelled, child processes included.', duration),
  retries: key('How often and when a failed attempt is repeated.', retries, {args: 'with-options'}),
  run_if: key('It runs only when all of these are true.', guard, {combine: 'all'}),
  abort_if: key('It fails when one of these is true.', guard, {combine: 'all'}),
  condition: key('It runs only when this is true.', conditionOrWhen, {combine: 'all'}),
  pre_hook: hook('Called before its first attempt.', 'fun(this: sloth.This, params: table)'),
  post_hook: hook(
    'Called after its last attempt, however it ended.',
    'fun(this: sloth.This, params: table, output: any)',
  ),
  on_success: hook('Called when it succeeded.', 'fun(this: sloth.This, params: table, output: any)'),
  on_failure: hook('Called after the last attempt failed.', 'fun(this: sloth.This, params: table, err: sloth.Failure)'),
  on_timeout: hook(
    'Called when its last attempt was over time.',
    'fun(this: sloth.This, params: table, reason: string)',
  ),
  on_skip: hook('Called when it was skipped.', 'fun(this: sloth.This, params: table, reason: string)'),
  hooks: key('Hooks by event, with names.', hooksTable(taskHookKeys), {combine: 'all'}),
  async: key('Later stages need not wait for it; the workflow does.', flag),
  circuit: key('A circuit breaker around its attempts.', circuitOptions),
  rate_limit: key('Attempts that may start in a second.', number.gt(0, 'a number above 0')),
  resources: key('What it asks of the machine, and may use at most.', resources),
  workdir: key('Where its commands run; relative to the file.', text),
  env: key('Environment variables for its commands.', environment, {combine: 'all'}),
  user: key('Its command lines run as this user.', text),
  uses: key(
    'A table or task whose keys hold where this one says nothing.',
    z.union([z.string(), definitionOf(['task'], 'a task', 'sloth.Task'), dataOrFunctions()], {
      error: 'a task, the name of one, or a table',
    }),
  ),
  saga: key(
    'How it is undone when it or something later fails.',
    object({compensate: luaFunction('fun(ctx: sloth.Ctx)').optional(), coordinator: text.optional()}),
  ),
  compensate: key('Undoes it when it or something later fails.', luaFunction('fun(ctx: sloth.Ctx)')),
  inputs: key('Globs of files that decide whether a kept result still holds.', globs, {combine: 'all', args: 'many'}),
  outputs: key(
    'A list: globs of files that are kept with its result. Names and values: merged into its output.',
    z.union([globs, dataMap], {error: 'a list of globs, or names and data'}),
    {combine: 'all'},
  ),
  cache: key(
    'Whether and how its result is kept by the hash of its inputs.',
    z.union([flag, object({ttl: duration.optional(), key: text.optional(), enabled: flag.optional()})], {
      error: 'true or false, or a table with ttl and key',
    }),
  ),
  matrix: key('Makes one task of it for each combination of these values.', matrix),
} as const;

// A table of keys, as `uses` takes it; its fields are checked when they are used.
function dataOrFunctions() {
  return z
    .custom<Record<string, unknown>>(
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        !(value instanceof Definition) &&
        !(value instanceof DefinedTable) &&
        !(value instanceof DefinedFunction) &&
        !(value instanceof Foreign),
      {error: 'a table'},
    )
    .meta({lua: 'table', description: 'keys of a task'});
}

/** Other names of the same things. */
export const taskAliases: Readonly<Record<string, keyof typeof taskKeys>> = {
  run: 'command',
  on_fail: 'on_failure',
  pre_exec: 'pre_hook',
  post_exec: 'post_hook',
};

export {data};
