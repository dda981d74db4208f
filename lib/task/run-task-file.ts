import {randomUUID} from 'node:crypto';
import {availableParallelism, totalmem} from 'node:os';
import {basename, dirname, extname, resolve} from 'node:path';
import type {RunOptions} from '../run-options.js';
import type {RunReport} from '../run-report.js';
import type {Runtime} from '../runtime.js';
import type {Sendable} from '../sendable.js';
import {sourceText} from '../util/source-text.js';
import {type Analysis, analyze} from './analysis/analyze.js';
import type {EventBody, EventListener} from './events.js';
import {FunctionCaller} from './execution/call-function.js';
import {type Clock, type Rest, realClock} from './execution/clock.js';
import {DiskLimit} from './execution/disk-limit.js';
import {type ExecutionStore, noStore} from './execution/execution-store.js';
import {luaLimits} from './execution/lua-limits.js';
import {runCommand} from './execution/run-command.js';
import type {RunContext} from './execution/run-context.js';
import type {PluginSource, TaskHost} from './execution/task-host.js';
import {executeWorkflow} from './execution/workflow-execution.js';
import {FunctionTexts} from './function-texts.js';
import {isBlankLua} from './is-blank-lua.js';
import {type LoadedFile, loadFile, type TaskFile} from './load-file.js';
import type {WorkflowResult} from './outcome.js';
import type {Plan} from './plan.js';
import {PluginRequests} from './plugin-requests.js';
import type {Problem} from './problem.js';
import type {DefinedValue} from './reading/definition.js';
import {describeFile} from './reading/describe-file.js';
import {type Selection, selectFrom} from './select.js';

/** What decides about a task file before it runs. */
export interface PrepareOptions {
  /** For the run of the file's top level. */
  readonly run?: RunOptions | undefined;
  /** What the global `values` holds: `--values` and `--set`. */
  readonly values?: Readonly<Record<string, Sendable>> | undefined;
  /** `--param`, merged over the params of every task. */
  readonly params?: Readonly<Record<string, Sendable>> | undefined;
  /** What a `--config` file says. */
  readonly config?: {readonly value: DefinedValue; readonly path: string} | undefined;
  /** `--allow-unsupported`. */
  readonly allowUnsupported?: boolean | undefined;
  /**
   * Nothing of it will run: what its top level would change outside of it, through Lua's own libraries, raises. Modules need
   * `Permissions.describing()` for the same.
   */
  readonly onlyDescribes?: boolean | undefined;
  /** Loads the plugins that the file imports. Default: there are none. */
  readonly plugins?: PluginSource | undefined;
  /** Cancels reading. */
  readonly signal?: AbortSignal | undefined;
}

/** How a task file is run. */
export interface TaskFileOptions extends PrepareOptions {
  /** Cancels everything. */
  readonly signal: AbortSignal;
  readonly emit: EventListener;
  /** The first failed task cancels the others. */
  readonly failFast?: boolean | undefined;
  /** Tasks that may run at a time. Default: as many as cores. */
  readonly maxParallel?: number | undefined;
  /** Only these. */
  readonly selection?: Selection | undefined;
  /** Where what happens is written down, and what was is asked. Default: nowhere. */
  readonly store?:
    | ExecutionStore
    | ((plan: Plan, runId: string) => ExecutionStore | Promise<ExecutionStore>)
    | undefined;
  /** Goes on with the run of that id. */
  readonly resume?: {readonly runId: string} | undefined;
  /** Default: a new one. */
  readonly runId?: string | undefined;
  readonly clock?: Clock | undefined;
  /** With virtual time: what holds it. */
  readonly rest?: Rest | undefined;
  /** For the jitter of retries; from 0 to 1. */
  readonly random?: (() => number) | undefined;
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where commands run that say nothing else. Default: the process's own. */
  readonly workdir?: string | undefined;
  readonly keepTemp?: boolean | undefined;
  /** What the machine has. Default: its cores and memory. */
  readonly machine?: {readonly cpu: number; readonly memoryBytes: number} | undefined;
  readonly runCommand?: typeof runCommand | undefined;
  /** Workers that somebody asked for: they stand before `resource_limits.max_cpu`. */
  readonly workers?: number | undefined;
  /** How long a task and what comes after it took: those that take longest go first at `advanced`. */
  readonly rankOf?: ((workflow: string, task: string) => number) | undefined;
}

/**
 * A task file that was read and checked. Every consumer switches on `kind`.
 *
 * | kind | meaning |
 * |---|---|
 * | `script` | it defines neither task nor workflow: a script, and its run is all there is |
 * | `unreadable` | its top level did not end well |
 * | `invalid` | its definitions are wrong |
 * | `ready` | it can run |
 */
export type PreparedFile =
  | {readonly kind: 'script'; readonly report: RunReport}
  | {readonly kind: 'unreadable'; readonly report: RunReport; readonly problems: readonly Problem[]}
  | {readonly kind: 'invalid'; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[]}
  | {
      readonly kind: 'ready';
      readonly plan: Plan;
      readonly warnings: readonly Problem[];
      readonly host: TaskHost;
      readonly report: RunReport;
      /** Text of the file and its imports, by path. */
      readonly sources: ReadonlyMap<string, string>;
      readonly runtime: Runtime;
    };

/**
 * What became of a task file. Every consumer switches on `kind`; the first three are those of {@link PreparedFile}, and no
 * task ran.
 */
export type TaskFileOutcome =
  | Exclude<PreparedFile, {kind: 'ready'}>
  | {
      readonly kind: 'finished';
      readonly runId: string;
      /** Up to the first that failed. */
      readonly workflows: readonly WorkflowResult[];
      readonly success: boolean;
      readonly uncaught: number;
    };

const smallestFile = 'task("hello"):command("echo hello")';

/** Reads a task file and checks everything it defines. Runs no task. */
export async function prepareTaskFile(
  runtime: Runtime,
  file: TaskFile,
  options: PrepareOptions = {},
): Promise<PreparedFile> {
  const {run = {}, values = {}, signal} = options;
  if (isBlankLua(sourceText(file.source))) return {kind: 'invalid', problems: [emptyFile(file.path)], warnings: []};
  const loaded = await loadFile(runtime, file, {
    run: {...run, signal},
    values,
    onlyDescribes: options.onlyDescribes,
    plugins: new PluginRequests(options.plugins, options.config?.value, file.path),
  });
  const {report, definitions} = loaded;
  if (report.kind === 'succeeded' && !definitions)
    throw new Error('internal: the builders gave no description of the file');
  if (report.kind !== 'succeeded' || !definitions)
    return {kind: 'unreadable', report, problems: problemsOf(loaded, file, options)};
  const {all, problems: found, config} = definitions;
  if (all.length + found.length === 0 && config === undefined) return {kind: 'script', report};
  const {problems, warnings, plan} = analysisOf(loaded, file, options);
  if (!plan) return {kind: 'invalid', problems, warnings};
  return {kind: 'ready', plan, warnings, host: loaded.host, report, sources: loaded.sources, runtime};
}

function analysisOf({definitions, sources}: LoadedFile, {path}: TaskFile, options: PrepareOptions): Analysis {
  if (!definitions) return {problems: [], warnings: [], plan: undefined};
  const {values, params, config, allowUnsupported} = options;
  const described = describeFile(definitions, {path, allowUnsupported, config});
  return analyze(described, {
    defaultName: basename(path, extname(path)),
    values,
    params,
    sources,
    machine: machineOf(),
    allowUnsupported,
  });
}

// What was wrong with single definitions by then; what they name may come later.
function problemsOf(
  {definitions}: LoadedFile,
  {path}: TaskFile,
  {config, allowUnsupported}: PrepareOptions,
): readonly Problem[] {
  return definitions ? describeFile(definitions, {path, allowUnsupported, config}).problems : [];
}

/** Reads a task file, checks what it defines, and runs its workflows in order, stopping at the first failure. */
export async function runTaskFile(
  runtime: Runtime,
  file: TaskFile,
  options: TaskFileOptions,
): Promise<TaskFileOutcome> {
  const {failFast = false} = options;
  const prepared = await prepareTaskFile(runtime, file, {...options, run: {...options.run, failFast}});
  if (prepared.kind !== 'ready') return prepared;
  const selected = selectFrom(prepared.plan, options.selection ?? {});
  if ('problems' in selected) return {kind: 'invalid', problems: selected.problems, warnings: prepared.warnings};
  return runPlan(selected, prepared, file, options);
}

/** Runs a plan. */
export async function runPlan(
  plan: Plan,
  {host, warnings, report, sources, runtime}: Extract<PreparedFile, {kind: 'ready'}>,
  file: TaskFile,
  options: TaskFileOptions,
): Promise<TaskFileOutcome> {
  const {clock = realClock, resume, failFast = false, maxParallel = availableParallelism()} = options;
  const emit = (event: EventBody): unknown => options.emit({...event, at: clock.now()});
  const runId = resume?.runId ?? options.runId ?? randomUUID();
  const given = plan.settings.statePersistence ? (options.store ?? noStore) : noStore;
  const store = typeof given === 'function' ? await given(plan, runId) : given;
  for (const problem of warnings) emit({kind: 'warning', problem});
  const {limits} = plan.settings;
  const workflows = plan.workflows.map(({name}) => name);
  const functions = new FunctionTexts(sources);
  const context: RunContext = {
    runId,
    folder: dirname(resolve(file.path)),
    workdir: options.workdir ?? process.cwd(),
    // A copy: each look into the process's own asks the system.
    environment: {...(options.environment ?? process.env)},
    values: options.values ?? {},
    params: options.params ?? {},
    signal: options.signal,
    emit,
    clock,
    random: options.random ?? Math.random,
    store,
    caller: new FunctionCaller(host, options.rest),
    settings: plan.settings,
    maxParallel,
    machine: options.machine ?? machineOf(),
    failFast,
    keepTemp: options.keepTemp ?? false,
    circuits: new Map(),
    runCommand: options.runCommand ?? runCommand,
    sourceOf: (fn) => functions.of(fn),
    sources,
    rankOf: options.rankOf,
    limitLua: (limit) => runtime.limit(luaLimits(limits, limit, options.workers)),
    disk: limits.diskBytes === undefined ? undefined : new DiskLimit(limits.diskBytes, store),
  };
  await options.rest?.begin();
  await store.runStarting({runId, file: file.path, workflows});
  emit({kind: 'run.started', runId, file: file.path, workflows, resumed: resume !== undefined});
  const results = await executeAll(plan, context);
  runtime.limit({memoryBytes: Number.POSITIVE_INFINITY, workers: Number.POSITIVE_INFINITY});
  const success = results.every((result) => result.success) && results.length === workflows.length;
  emit({kind: 'run.ended', runId, success, needsAttention: results.some(({needsAttention}) => needsAttention)});
  const uncaught = results.reduce((sum, result) => sum + result.uncaught, report.uncaught);
  return {kind: 'finished', runId, workflows: results, success, uncaught};
}

async function executeAll({workflows}: Plan, context: RunContext): Promise<WorkflowResult[]> {
  const results: WorkflowResult[] = [];
  for (const [position, workflow] of workflows.entries()) {
    const result = await executeWorkflow(workflow, context);
    results.push(result);
    if (result.success && result.exitCode === undefined) continue;
    for (const {name} of workflows.slice(position + 1)) context.emit({kind: 'workflow.skipped', workflow: name});
    break;
  }
  return results;
}

function machineOf(): {readonly cpu: number; readonly memoryBytes: number} {
  return {cpu: availableParallelism(), memoryBytes: totalmem()};
}

function emptyFile(path: string): Problem {
  return {file: path, line: 0, message: `the file is empty; the smallest one that does something is: ${smallestFile}`};
}
