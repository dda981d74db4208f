import type {LuaFunction} from '../lua-function.js';
import type {Sendable} from '../sendable.js';
import {unreachable} from '../util/unreachable.js';
import type {EventListener} from './events.js';
import type {Outcome, TaskResult, WorkflowResult} from './outcome.js';
import type {PlannedTask, PlannedWorkflow} from './plan.js';
import {type Attempt, runFunction} from './run-function.js';
import {runShell} from './run-shell.js';
import {TaskQueue} from './task-queue.js';
import {withoutOwnFrames} from './without-own-frames.js';

/** What every workflow of one run shares. */
export interface ExecutionContext {
  readonly runId: string;
  /** Where commands run. */
  readonly workdir: string;
  /** Cancels what runs and what would. */
  readonly signal: AbortSignal;
  readonly emit: EventListener;
  /** Tasks that may run at a time, unless the workflow says it. */
  readonly maxParallel: number;
  /** The first failure cancels the others. */
  readonly failFast: boolean;
}

/** Runs one workflow: each task once those it depends on have succeeded, as many at a time as may. */
export function executeWorkflow(workflow: PlannedWorkflow, context: ExecutionContext): Promise<WorkflowResult> {
  return new WorkflowExecution(workflow, context).run();
}

class WorkflowExecution {
  readonly #workflow: PlannedWorkflow;
  readonly #context: ExecutionContext;
  readonly #queue: TaskQueue;
  readonly #stop = new AbortController();
  readonly #results = new Map<string, TaskResult>();
  /** What succeeded tasks handed on, each as a Lua function that returns it. */
  readonly #outputs = new Map<string, LuaFunction>();
  #timedOut = false;
  #exitCode: number | undefined;
  #uncaughtInHooks = 0;

  constructor(workflow: PlannedWorkflow, context: ExecutionContext) {
    this.#workflow = workflow;
    this.#context = context;
    this.#queue = new TaskQueue(workflow.tasks);
  }

  async run(): Promise<WorkflowResult> {
    const {name, tasks, onStart, onComplete} = this.#workflow;
    const {emit} = this.#context;
    const startedAt = performance.now();
    emit({kind: 'workflow-started', workflow: name, tasks: tasks.map((task) => task.name)});
    if (onStart) await this.#callHook('on_start', onStart);
    await this.#runTasks();
    const ended = tasks.flatMap((task) => this.#results.get(task.name) ?? []);
    const success = ended.every(({outcome}) => outcome.kind === 'succeeded');
    if (onComplete && this.#exitCode === undefined) await this.#callHook('on_complete', onComplete, success);
    for (const output of this.#outputs.values()) output.release();
    const result: WorkflowResult = {
      workflow: name,
      success,
      tasks: ended,
      durationMs: performance.now() - startedAt,
      timedOut: this.#timedOut,
      exitCode: this.#exitCode,
      uncaught: ended.reduce((sum, {uncaught}) => sum + uncaught, this.#uncaughtInHooks),
    };
    emit({kind: 'workflow-ended', result});
    return result;
  }

  async #runTasks(): Promise<void> {
    const {timeoutMs, maxParallel = this.#context.maxParallel} = this.#workflow;
    const {signal} = this.#context;
    const onAbort = (): void => this.#cancelAll(signal.reason);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#runOutOfTime(timeoutMs), timeoutMs);
    signal.addEventListener('abort', onAbort, {once: true});
    if (signal.aborted || this.#exitCode !== undefined) this.#cancelAll(signal.reason);
    const running = new Set<Promise<void>>();
    for (;;) {
      while (running.size < maxParallel) {
        const task = this.#queue.take();
        if (!task) break;
        const ending = this.#runTask(task).finally(() => running.delete(ending));
        running.add(ending);
      }
      if (running.size === 0) break;
      await Promise.race(running);
    }
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  async #runTask(task: PlannedTask): Promise<void> {
    const startedAt = performance.now();
    this.#context.emit({kind: 'task-started', workflow: this.#workflow.name, task: task.name});
    const {outcome, uncaught, output} = await this.#attempt(task);
    if (output) this.#outputs.set(task.name, output);
    this.#end({task: task.name, outcome, uncaught, durationMs: performance.now() - startedAt});
    if (outcome.kind === 'succeeded') this.#queue.succeed(task.name);
    else this.#afterFailure(task.name, outcome);
  }

  async #attempt({name: task, action, timeoutMs, dependsOn}: PlannedTask): Promise<Attempt> {
    const {emit, workdir, failFast} = this.#context;
    const options = {signal: this.#stop.signal, timeoutMs, failFast};
    switch (action.kind) {
      case 'function': {
        const seen = action.takes === 'ctx' ? [...this.#results.keys()] : dependsOn;
        const args = [{...this.#request(), task, attempt: 1}, ...this.#endedForLua(seen)];
        return await runFunction(action.body, args, options);
      }
      case 'shell': {
        const about = {kind: 'task-output', workflow: this.#workflow.name, task} as const;
        return await runShell(action.command, workdir, (stream, bytes) => emit({...about, stream, bytes}), options);
      }
      case 'none':
        return {outcome: {kind: 'succeeded', value: undefined}, uncaught: 0};
      default:
        return unreachable(action);
    }
  }

  #end(result: TaskResult): void {
    this.#results.set(result.task, result);
    this.#context.emit({kind: 'task-ended', workflow: this.#workflow.name, result});
  }

  #endUnstarted(task: string, outcome: Outcome): void {
    this.#end({task, outcome, durationMs: 0, uncaught: 0});
  }

  #afterFailure(name: string, outcome: Outcome): void {
    const failure = outcome.kind === 'failed' ? outcome.failure : undefined;
    if (failure?.kind === 'exit') this.#exitCode ??= failure.exitCode ?? 0;
    for (const {task, because} of this.#queue.fail(name)) {
      this.#endUnstarted(task.name, {kind: 'skipped', because: 'dependency', task: because});
    }
    const failFast = this.#context.failFast || this.#workflow.failFast;
    if (failure && (failFast || failure.kind === 'exit')) this.#cancelAll(new Error(`task '${name}' failed`));
  }

  #runOutOfTime(timeoutMs: number): void {
    this.#timedOut = true;
    this.#cancelAll(new Error(`workflow '${this.#workflow.name}' took longer than ${timeoutMs} ms`));
  }

  // What runs is cancelled and ends by itself; what has not started never will.
  #cancelAll(reason: unknown): void {
    this.#stop.abort(reason);
    for (const task of this.#queue.drain()) this.#endUnstarted(task.name, {kind: 'cancelled'});
  }

  async #callHook(hook: 'on_start' | 'on_complete', fn: LuaFunction, ...args: Sendable[]): Promise<void> {
    const all = [this.#request(), ...args, ...this.#endedForLua([...this.#results.keys()])];
    const {kind, message = kind, traceback, exitCode = 0, uncaught} = await fn.start({args: all}).report;
    this.#uncaughtInHooks += uncaught;
    if (kind === 'exit') this.#exitCode ??= exitCode;
    else if (kind !== 'succeeded') {
      this.#context.emit({
        kind: 'hook-failed',
        workflow: this.#workflow.name,
        hook,
        message,
        traceback: traceback && withoutOwnFrames(traceback),
      });
    }
  }

  #request(): {readonly run_id: string; readonly workflow: string; readonly workdir: string} {
    return {run_id: this.#context.runId, workflow: this.#workflow.name, workdir: this.#context.workdir};
  }

  // What tasks left, flat: name, success, message, error, and the output still wrapped in a function.
  #endedForLua(names: readonly string[]): Sendable[] {
    return names.flatMap((name) => {
      const outcome = this.#results.get(name)?.outcome;
      return outcome ? [name, ...resultForLua(outcome), this.#outputs.get(name)] : [];
    });
  }
}

// Success, message, error.
function resultForLua(outcome: Outcome): [success: boolean, message: string | undefined, error: string | undefined] {
  switch (outcome.kind) {
    case 'succeeded':
      return [true, outcome.message, undefined];
    case 'failed':
      return [false, outcome.failure.message, outcome.failure.message];
    case 'skipped':
      return [false, undefined, `skipped: '${outcome.task}' did not succeed`];
    case 'cancelled':
      return [false, undefined, 'cancelled'];
    default:
      return unreachable(outcome);
  }
}
