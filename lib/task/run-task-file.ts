import {randomUUID} from 'node:crypto';
import {availableParallelism} from 'node:os';
import {basename, extname} from 'node:path';
import type {RunOptions} from '../run-options.js';
import type {RunReport} from '../run-report.js';
import type {Runtime} from '../runtime.js';
import {sourceText} from '../util/source-text.js';
import {analyze} from './analyze.js';
import type {EventListener} from './events.js';
import {type ExecutionContext, executeWorkflow} from './execute-workflow.js';
import {isBlankLua} from './is-blank-lua.js';
import {loadFile, type TaskFile} from './load-file.js';
import type {WorkflowResult} from './outcome.js';
import type {Plan} from './plan.js';
import type {Problem} from './problem.js';

/** How a task file is run. */
export interface TaskFileOptions {
  /** For the run of the file's top level. */
  readonly run?: RunOptions | undefined;
  /** Cancels everything. */
  readonly signal: AbortSignal;
  readonly emit: EventListener;
  /** The first failed task cancels the others. */
  readonly failFast?: boolean | undefined;
  /** Tasks that may run at a time. Default: as many as cores. */
  readonly maxParallel?: number | undefined;
}

/**
 * What became of a task file. Every consumer switches on `kind`.
 *
 * | kind | meaning |
 * |---|---|
 * | `script` | it defines neither task nor workflow: a script, and its run is all there is |
 * | `unreadable` | its top level did not end well; no task ran |
 * | `invalid` | its definitions are wrong; no task ran |
 * | `finished` | its workflows ran, up to the first that failed |
 */
export type TaskFileOutcome =
  | {readonly kind: 'script'; readonly report: RunReport}
  | {readonly kind: 'unreadable'; readonly report: RunReport; readonly problems: readonly Problem[]}
  | {readonly kind: 'invalid'; readonly problems: readonly Problem[]}
  | {readonly kind: 'finished'; readonly workflows: readonly WorkflowResult[]; readonly uncaught: number};

const smallestFile = 'task("hello"):command("echo hello")';

/** Reads a task file, checks what it defines, and runs its workflows in order, stopping at the first failure. */
export async function runTaskFile(
  runtime: Runtime,
  file: TaskFile,
  {run = {}, signal, emit, failFast = false, maxParallel = availableParallelism()}: TaskFileOptions,
): Promise<TaskFileOutcome> {
  if (isBlankLua(sourceText(file.source))) return {kind: 'invalid', problems: [emptyFile(file.path)]};
  const {report, description} = await loadFile(runtime, file, {...run, failFast, signal});
  if (report.kind === 'succeeded' && !description)
    throw new Error('internal: the builders gave no description of the file');
  if (report.kind !== 'succeeded' || !description) {
    return {kind: 'unreadable', report, problems: description?.problems ?? []};
  }
  const {tasks, workflows, problems: found} = description;
  if (tasks.length + workflows.length + found.length === 0) return {kind: 'script', report};
  const {problems, warnings, plan} = analyze(description, basename(file.path, extname(file.path)));
  if (!plan) return {kind: 'invalid', problems};
  for (const problem of warnings) emit({kind: 'warning', problem});
  const context = {runId: randomUUID(), workdir: process.cwd(), signal, emit, maxParallel, failFast};
  const results = await executeAll(plan, context);
  return {
    kind: 'finished',
    workflows: results,
    uncaught: results.reduce((sum, {uncaught}) => sum + uncaught, report.uncaught),
  };
}

async function executeAll({workflows}: Plan, context: ExecutionContext): Promise<WorkflowResult[]> {
  const results: WorkflowResult[] = [];
  for (const [position, workflow] of workflows.entries()) {
    const result = await executeWorkflow(workflow, context);
    results.push(result);
    if (result.success && result.exitCode === undefined) continue;
    for (const {name} of workflows.slice(position + 1)) context.emit({kind: 'workflow-skipped', workflow: name});
    break;
  }
  return results;
}

function emptyFile(path: string): Problem {
  return {file: path, line: 0, message: `the file is empty; the smallest one that does something is: ${smallestFile}`};
}
