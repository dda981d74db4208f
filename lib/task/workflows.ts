import {Runtime} from '../runtime.js';
import type {RuntimeOptions} from '../runtime-options.js';
import {readScript} from '../util/read-script.js';
import {EventStream} from './event-stream.js';
import type {TaskEvent} from './events.js';
import type {ExecutionStore} from './execution/execution-store.js';
import {VirtualClock} from './execution/virtual-clock.js';
import type {TaskFile} from './load-file.js';
import type {WorkflowResult} from './outcome.js';
import type {Plan} from './plan.js';
import type {Problem} from './problem.js';
import {type PreparedFile, type PrepareOptions, prepareTaskFile, runPlan} from './run-task-file.js';
import {type Selection, selectFrom} from './select.js';
import {TaskFileError} from './task-file-error.js';

/** How a task file is loaded. */
export interface LoadWorkflowsOptions
  extends Pick<
    PrepareOptions,
    'values' | 'params' | 'config' | 'allowUnsupported' | 'onlyDescribes' | 'plugins' | 'signal'
  > {
  /** The text, where it is not to be read from the path. */
  readonly source?: string | undefined;
  /**
   * How the runtime is made that its Lua code gets. What tasks write comes as events, whatever `stdout` and `stderr` say. `clock: 'virtual'` makes waiting take no time. Modules given here are told of
   * `notifications`, `circuit_breakers` and `enable_events` by their own option `config`, not by the file's `runner_config`.
   */
  readonly runtime?: RuntimeOptions | undefined;
}

/** How workflows are run. */
export interface RunWorkflowsOptions extends Selection {
  /** Cancels everything. */
  readonly signal?: AbortSignal | undefined;
  /** The first failed task cancels the others. */
  readonly failFast?: boolean | undefined;
  /** Tasks that may run at a time. Default: as many as cores. */
  readonly maxParallel?: number | undefined;
  /** Where what happens is written down. Default: nowhere. */
  readonly store?:
    | ExecutionStore
    | ((plan: Plan, runId: string) => ExecutionStore | Promise<ExecutionStore>)
    | undefined;
  /** Default: a new one. */
  readonly runId?: string | undefined;
  /** Where commands run that say nothing else. Default: the process's own. */
  readonly workdir?: string | undefined;
  /** The environment of commands. Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Temporary folders stay. */
  readonly keepTemp?: boolean | undefined;
}

/** How a run ended. */
export interface RunResult {
  readonly runId: string;
  /** Every workflow ran, and no task failed. */
  readonly success: boolean;
  /** Up to the first that failed. */
  readonly workflows: readonly WorkflowResult[];
  /** Errors of goroutines that reached nobody. */
  readonly uncaught: number;
}

/**
 * A run of workflows: its events as an async iterable, which ends with the run, and its result. Each iteration begins with the
 * first event; stopping one does not stop the run.
 */
export interface WorkflowsRun extends AsyncIterable<TaskEvent> {
  /** Rejects only when the run itself broke, never because a task failed. */
  readonly result: Promise<RunResult>;
  /** Asks everything to stop; `result` tells when it has. */
  cancel(reason?: unknown): void;
}

/**
 * Loads a task file and checks it; runs none of its tasks.
 *
 * @example
 * ```ts
 * await using workflows = await loadWorkflows('build.sloth', {params: {region: 'eu'}});
 * const run = workflows.run();
 * for await (const event of run) if (event.kind === 'task.failed') console.error(event.task);
 * console.log((await run.result).success);
 * ```
 *
 * @throws TaskFileError `E_TASK_FILE` with all that is wrong with it; SlothError `E_FILE` when it cannot be read.
 */
export async function loadWorkflows(path: string, options: LoadWorkflowsOptions = {}): Promise<Workflows> {
  const {source, runtime: runtimeOptions, ...prepare} = options;
  const file = source === undefined ? await readScript(path) : {path, source, chunkName: `@${path}`};
  const runtime = new Runtime({stdout: process.stdout, stderr: process.stderr, ...runtimeOptions});
  try {
    const prepared = await prepareTaskFile(runtime, file, prepare);
    if (prepared.kind !== 'ready') throw errorOf(prepared, path);
    const clock = runtimeOptions?.clock === 'virtual' ? await VirtualClock.of(runtime) : undefined;
    return new Workflows(runtime, file, prepared, options, clock);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Loads a task file and runs it; the same as {@link loadWorkflows}, `run` and `close`. */
export function run(path: string, options: LoadWorkflowsOptions & RunWorkflowsOptions = {}): WorkflowsRun {
  const stream = new EventStream<TaskEvent>();
  const controller = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
  const running = async (): Promise<RunResult> => {
    let workflows: Workflows | undefined;
    try {
      workflows = await loadWorkflows(path, {...options, signal});
      const inner = workflows.run({...options, signal});
      for await (const event of inner) stream.push(event);
      return await inner.result;
    } finally {
      stream.end();
      await workflows?.close();
    }
  };
  return runHandle(stream, running(), (reason) => controller.abort(reason));
}

/** A task file that was loaded and checked. It may run any number of times, once at a time. */
export class Workflows implements AsyncDisposable {
  readonly plan: Plan;
  /** Suspicious, yet it can run. */
  readonly warnings: readonly Problem[];
  readonly #runtime: Runtime;
  readonly #file: TaskFile;
  readonly #prepared: Extract<PreparedFile, {kind: 'ready'}>;
  readonly #options: LoadWorkflowsOptions;
  readonly #clock: VirtualClock | undefined;

  /** @internal Made by {@link loadWorkflows}. */
  constructor(
    runtime: Runtime,
    file: TaskFile,
    prepared: Extract<PreparedFile, {kind: 'ready'}>,
    options: LoadWorkflowsOptions,
    clock: VirtualClock | undefined,
  ) {
    this.plan = prepared.plan;
    this.warnings = prepared.warnings;
    this.#runtime = runtime;
    this.#file = file;
    this.#prepared = prepared;
    this.#options = options;
    this.#clock = clock;
  }

  /** @throws TaskFileError `E_TASK_FILE` for a workflow or task that is not there. */
  run(options: RunWorkflowsOptions = {}): WorkflowsRun {
    const plan = selectFrom(this.plan, options);
    if ('problems' in plan) throw new TaskFileError(plan.problems);
    const stream = new EventStream<TaskEvent>();
    const controller = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    const clock = this.#clock;
    const running = async (): Promise<RunResult> => {
      try {
        const outcome = await runPlan(plan, this.#prepared, this.#file, {
          ...this.#options,
          ...options,
          run: undefined,
          signal,
          emit: (event) => stream.push(event),
          ...(clock && {clock, rest: clock, runCommand: clock.runCommand}),
        });
        if (outcome.kind !== 'finished') throw new Error('internal: a plan did not run');
        const {runId, success, workflows, uncaught} = outcome;
        return {runId, success, workflows, uncaught};
      } finally {
        stream.end();
      }
    };
    return runHandle(stream, running(), (reason) => controller.abort(reason));
  }

  /** Frees what the file's Lua code holds. */
  close(): Promise<void> {
    return this.#runtime.close();
  }

  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function runHandle(
  stream: EventStream<TaskEvent>,
  result: Promise<RunResult>,
  cancel: (reason: unknown) => void,
): WorkflowsRun {
  // Whoever reads the events only need not look at the result.
  result.catch(() => undefined);
  return {
    result,
    cancel: (reason = new Error('cancelled')) => cancel(reason),
    [Symbol.asyncIterator]: () => stream.read(),
  };
}

function errorOf(prepared: Exclude<PreparedFile, {kind: 'ready'}>, path: string): TaskFileError {
  switch (prepared.kind) {
    case 'invalid':
      return new TaskFileError(prepared.problems);
    case 'unreadable': {
      const message = prepared.report.message ?? 'it cannot be read';
      return new TaskFileError([...prepared.problems, {file: path, line: 0, message}], prepared.report.error);
    }
    case 'script':
      return new TaskFileError([
        {file: path, line: 0, message: 'it defines neither task nor workflow: it is a script'},
      ]);
    default:
      return prepared satisfies never;
  }
}
