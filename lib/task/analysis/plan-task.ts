import type {Sendable} from '../../sendable.js';
import type {DefinedFunction} from '../defined-function.js';
import type {
  Action,
  CachePolicy,
  CircuitOptions,
  Consumed,
  Guard,
  Hook,
  Hooks,
  PlannedTask,
  ResourceLimit,
  ResourceRequest,
  RetryPolicy,
  Saga,
  TaskHookName,
} from '../plan.js';
import type {Place} from '../problem.js';
import {DefinedTable, Definition} from '../reading/definition.js';
import type {RunnerConfig, TaskDescription, TaskSettings, WorkflowSettings} from '../reading/description.js';
import type {Template} from '../templates/template.js';
import {checkedCondition, isCondition, type Names} from './check-conditions.js';
import {checkedCommand, checkedTemplate, type TemplateOwner} from './check-templates.js';
import type {AnalysisContext} from './context.js';

/** What a task's workflow adds to it. */
export interface TaskSurroundings {
  readonly names: Names;
  readonly workflow: WorkflowSettings;
  readonly placement: Pick<PlannedTask, 'stage' | 'dependsOn' | 'after' | 'follows' | 'branches'>;
}

/** Lays out one task: defaults filled in, texts and conditions read. */
export function planTask(context: AnalysisContext, task: TaskDescription, around: TaskSurroundings): PlannedTask {
  const {name, settings, file, line} = task;
  const planner = new TaskPlanner(context, task, around.names);
  const defaults = context.file.config;
  return {
    name,
    file,
    line,
    description: settings.description,
    tags: settings.tags ?? [],
    priority: settings.priority ?? 0,
    ...around.placement,
    action: planner.action(),
    timeoutMs: settings.timeout ?? defaults.timeout_default,
    retry: retryPolicy(settings.retries ?? around.workflow.config?.retry_policy, defaults),
    runIf: [...planner.guards('run_if'), ...planner.guards('condition')],
    abortIf: planner.guards('abort_if'),
    hooks: planner.hooks(),
    background: settings.async ?? false,
    circuit: circuitOf(settings.circuit ?? around.workflow.config?.circuit_breaker, defaults),
    rateLimit: settings.rate_limit,
    request: resourceSide(settings, 'request'),
    limit: resourceSide(settings, 'limit'),
    workdir: planner.text('workdir', settings.workdir ?? around.workflow.config?.workdir ?? around.workflow.workdir),
    env: planner.environment(),
    user: settings.user,
    params: planner.params,
    consumes: planner.consumes(),
    streams: [],
    artifacts: (settings.artifacts ?? []).flat(),
    outputs: mapsIn(settings.outputs),
    cache: planner.cache(),
    saga: planner.saga(),
  };
}

class TaskPlanner {
  readonly params: Readonly<Record<string, Sendable>>;
  readonly #context: AnalysisContext;
  readonly #task: TaskDescription;
  readonly #settings: TaskSettings;
  readonly #names: Names;
  readonly #subject: string;

  constructor(context: AnalysisContext, task: TaskDescription, names: Names) {
    this.#context = context;
    this.#task = task;
    this.#settings = task.settings;
    this.#names = names;
    this.#subject = `task '${task.name}'`;
    this.params = {...task.settings.params, ...task.matrix, ...context.options.params} as Record<string, Sendable>;
    this.#checkTexts(task.settings.params, 'params');
    this.#checkTexts(mapsIn(task.settings.outputs), 'outputs');
  }

  action(): Action {
    const {command} = this.#settings;
    if (command === undefined) return {kind: 'none'};
    if (typeof command === 'string')
      return {kind: 'shell', command: checkedCommand(this.#context, command, this.#owner('command'))};
    if (command instanceof Definition) return {kind: 'none'};
    return {kind: 'function', body: command};
  }

  guards(key: 'run_if' | 'abort_if' | 'condition'): readonly Guard[] {
    const list: readonly (string | DefinedFunction | Definition)[] = this.#settings[key] ?? [];
    return list.flatMap((value) => (value instanceof Definition ? [] : [this.#guard(key, value)]));
  }

  #guard(key: string, value: string | DefinedFunction): Guard {
    if (typeof value !== 'string') return {kind: 'function', fn: value};
    const owner = this.#owner(key);
    if (!isCondition(value, this.#names)) return {kind: 'shell', command: checkedCommand(this.#context, value, owner)};
    const condition = checkedCondition(this.#context, value, owner, `${this.#subject}: '${key}'`, this.#names);
    return {kind: 'expression', condition};
  }

  hooks(): Hooks<TaskHookName> {
    const settings = this.#settings;
    const single: Partial<Record<TaskHookName, readonly DefinedFunction[] | undefined>> = {
      pre_hook: settings.pre_hook,
      post_hook: settings.post_hook,
      on_success: settings.on_success,
      on_failure: settings.on_failure,
      on_timeout: settings.on_timeout,
      on_skip: settings.on_skip,
    };
    return collectHooks(single, settings.hooks, (text) => checkedCommand(this.#context, text, this.#owner('hooks')));
  }

  text(key: string, value: string | undefined): Template | undefined {
    return value === undefined ? undefined : checkedTemplate(this.#context, value, this.#owner(key));
  }

  environment(): Readonly<Record<string, Template>> {
    const merged: Record<string, Template> = {};
    for (const value of this.#settings.env ?? []) {
      const map = value instanceof DefinedTable ? value.map : Array.isArray(value) ? {} : value;
      for (const [name, item] of Object.entries(map)) {
        merged[name] = checkedTemplate(this.#context, String(item), this.#owner('env'));
      }
    }
    return merged;
  }

  consumes(): readonly Consumed[] {
    const {file, line} = this.#owner('consumes');
    return (this.#settings.consumes ?? []).flat().flatMap((value): Consumed[] => {
      const given =
        value instanceof Definition
          ? {task: value.name}
          : typeof value === 'string'
            ? this.#consumedText(value)
            : value;
      if (given.task === undefined) return [{...given, file, line}];
      const tasks = this.#context.resolve(given.task, this.#task.group, {file, line}, `${this.#subject} consumes from`);
      return tasks.map((task) => ({...given, task: task.name, file, line}));
    });
  }

  // A name of a task, or a glob.
  #consumedText(text: string): {readonly task?: string; readonly pattern?: string} {
    return this.#context.find(text, this.#task.group) ? {task: text} : {pattern: text};
  }

  cache(): CachePolicy {
    const {cache, inputs, outputs, env} = this.#settings;
    const table = typeof cache === 'object' ? cache : {};
    const names = (env ?? []).flatMap((value) => {
      const listed = value instanceof DefinedTable ? value.list : Array.isArray(value) ? value : [];
      return listed.filter((name): name is string => typeof name === 'string');
    });
    return {
      enabled: typeof cache === 'boolean' ? cache : (table.enabled ?? true),
      asked: cache === true || typeof cache === 'object' || inputs !== undefined,
      inputs: (inputs ?? []).flat(),
      outputs: (outputs ?? []).flatMap((value) => (Array.isArray(value) ? (value as string[]) : [])),
      env: names,
      ttlMs: table.ttl,
      key: table.key === undefined ? undefined : checkedTemplate(this.#context, table.key, this.#owner('cache')),
    };
  }

  saga(): Saga | undefined {
    const {saga, compensate} = this.#settings;
    const compensation = compensate ?? saga?.compensate;
    if (!compensation) {
      if (saga) this.#context.problem(this.#owner('saga'), `${this.#subject}: 'saga' needs 'compensate'`);
      return undefined;
    }
    const {file, line} = this.#owner('compensate');
    return {
      name: saga?.coordinator ?? this.#task.name,
      participants: [{name: this.#task.name, compensation}],
      file,
      line,
    };
  }

  #owner(key: string): TemplateOwner {
    const {file, line} = this.#task.places.get(key) ?? this.#task;
    const needs = this.#context.needs(this.#task).map(({name}) => name);
    return {subject: this.#subject, params: Object.keys(this.params), needs, file, line};
  }

  // Strings inside parameters and outputs may have placeholders, which are filled in when it starts.
  #checkTexts(value: unknown, key: string): void {
    if (typeof value === 'string') checkedTemplate(this.#context, value, this.#owner(key));
    else if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) this.#checkTexts(item, key);
  }
}

interface HookTable {
  readonly [event: string]:
    | DefinedFunction
    | readonly (DefinedFunction | {readonly name?: string | undefined; readonly command: string | DefinedFunction})[]
    | undefined;
}

/** Hooks of all events, in the order in which they were added. */
export function collectHooks<Name extends string>(
  single: Partial<Record<Name, readonly DefinedFunction[] | undefined>>,
  tables: readonly unknown[] | undefined,
  commandOf: (text: string) => Template,
): Hooks<Name> {
  const hooks: Record<string, Hook[]> = {};
  const add = (event: string, hook: Hook): void => {
    hooks[event] = [...(hooks[event] ?? []), hook];
  };
  for (const [event, list] of Object.entries(single) as [string, readonly DefinedFunction[] | undefined][]) {
    for (const fn of list ?? []) add(event, {name: event, run: {kind: 'function', fn}, takes: 'event'});
  }
  for (const table of (tables ?? []) as readonly HookTable[]) {
    for (const [event, value] of Object.entries(table)) {
      for (const item of value === undefined ? [] : Array.isArray(value) ? value : [value]) {
        if ('call' in item) {
          add(event, {name: event, run: {kind: 'function', fn: item as DefinedFunction}, takes: 'event'});
          continue;
        }
        const {name = event, command} = item as {readonly name?: string; readonly command: string | DefinedFunction};
        const run: Hook['run'] =
          typeof command === 'string' ? {kind: 'shell', command: commandOf(command)} : {kind: 'function', fn: command};
        add(event, {name, run, takes: 'context'});
      }
    }
  }
  return hooks as unknown as Hooks<Name>;
}

/** What `retries` says, with the defaults of `runner_config`. */
export function retryPolicy(value: TaskSettings['retries'], config: RunnerConfig): RetryPolicy {
  const {retry_default: attemptsAfter = 0, backoff_strategy: strategy = 'exponential'} = config;
  const base = {maxAttempts: attemptsAfter + 1, strategy, delayMs: 1000, multiplier: 2, maxDelayMs: 300_000, jitter: 0};
  if (value === undefined) return base;
  if (typeof value === 'number') return {...base, maxAttempts: value + 1};
  if (Array.isArray(value)) return {...base, maxAttempts: value[0] + 1, strategy: value[1]};
  const table = value as Exclude<typeof value, readonly unknown[]>;
  return {
    maxAttempts: table.max_attempts ?? base.maxAttempts,
    strategy: table.strategy ?? strategy,
    delayMs: table.delay ?? base.delayMs,
    multiplier: table.backoff_multiplier ?? base.multiplier,
    maxDelayMs: table.max_delay ?? base.maxDelayMs,
    jitter: table.jitter ?? base.jitter,
  };
}

/** Options of a breaker: what is missing comes from `circuit_breakers.default`. */
export function circuitOf(value: TaskSettings['circuit'], config: RunnerConfig): CircuitOptions | undefined {
  if (value === undefined) return undefined;
  const fallback = config.circuit_breakers?.['default'];
  return {
    failureThreshold: value.failure_threshold ?? fallback?.failure_threshold ?? 5,
    recoveryMs: value.recovery_timeout ?? fallback?.recovery_timeout ?? 60_000,
    halfOpenRequests: value.half_open_requests ?? fallback?.half_open_requests ?? 1,
  };
}

/** Requests or limits of a task or workflow. */
export function resourceSide(
  {resources}: Pick<TaskSettings, 'resources'>,
  side: 'request' | 'limit',
): ResourceRequest & ResourceLimit {
  return {cpu: resources?.cpu?.[side], memoryBytes: resources?.memory?.[side]};
}

function mapsIn(values: TaskSettings['outputs']): Readonly<Record<string, Sendable>> {
  const maps = (values ?? []).filter((value) => !Array.isArray(value));
  return Object.assign({}, ...maps) as Record<string, Sendable>;
}

/** The place of a key, else that of the whole. */
export function placeOfKey(thing: Place & {readonly places: ReadonlyMap<string, Place>}, key: string): Place {
  return thing.places.get(key) ?? thing;
}
