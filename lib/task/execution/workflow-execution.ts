import {setMaxListeners} from 'node:events';
import type {Sendable} from '../../sendable.js';
import {formatDuration} from '../../util/format-duration.js';
import {textOf} from '../../util/text-of.js';
import type {Outcome, StageResult, WorkflowResult} from '../outcome.js';
import type {PlannedStage, PlannedTask, PlannedWorkflow, Saga} from '../plan.js';
import {Admission} from './admission.js';
import type {CheckpointRecord} from './execution-store.js';
import {Files} from './files.js';
import type {RunContext} from './run-context.js';
import {Sagas} from './sagas.js';
import {stageResultOf} from './stage-result.js';
import {StageScope} from './stage-scope.js';
import type {TaskSurroundings} from './task-calls.js';
import type {RunningCode} from './task-host.js';
import {TaskScheduler} from './task-scheduler.js';
import {WorkflowCalls} from './workflow-calls.js';
import {WorkflowState} from './workflow-state.js';

/** Runs one workflow: stage after stage, then what is to be undone, then its hooks. */
export function executeWorkflow(workflow: PlannedWorkflow, context: RunContext): Promise<WorkflowResult> {
  return new WorkflowExecution(workflow, context).run();
}

class WorkflowExecution {
  readonly #workflow: PlannedWorkflow;
  readonly #context: RunContext;
  readonly #state: WorkflowState;
  readonly #files: Files;
  readonly #sagas: Sagas;
  readonly #calls: WorkflowCalls;
  readonly #scheduler: TaskScheduler;
  readonly #stop = new AbortController();
  readonly #scopes: StageScope[] = [];
  #timedOut = false;
  #needsAttention = false;
  #conditionFailed = false;
  #firstFailure: {readonly task: PlannedTask; readonly outcome: Outcome} | undefined;
  #broken: {readonly error: unknown} | undefined;

  constructor(workflow: PlannedWorkflow, context: RunContext) {
    this.#workflow = workflow;
    this.#context = context;
    this.#state = new WorkflowState(workflow, context);
    this.#files = new Files(context.folder);
    context.disk?.add(this.#files);
    const rollback = (checkpoint: string | undefined): ReturnType<RunningCode['rollback']> =>
      this.#rollback(checkpoint);
    const {state, files} = {state: this.#state, files: this.#files};
    const exited = (message: string): void => this.#cancelAll(new Error(message));
    this.#calls = new WorkflowCalls({workflow, context, state, files, rollback, exited});
    const {runId, store, emit, settings} = context;
    this.#sagas = new Sagas({
      runId,
      workflow: workflow.name,
      store,
      emit,
      enabled: settings.compensationEnabled,
      compensate: (fn, saga, participant, attempt) => {
        // Another key than what is undone has: each is done once.
        const key = `${context.runId}/${workflow.name}/undo/${saga}/${participant}`;
        return this.#calls.callContext(fn, {form: 'context', attempt, idempotency_key: key});
      },
    });
    const around: TaskSurroundings = {
      workflow,
      context,
      state,
      admission: this.#admission(),
      sagas: this.#sagas,
      files,
      paces: new Map(),
      rollback,
      failed: (error) => this.#breakOff(error),
    };
    this.#scheduler = new TaskScheduler(around, (task, outcome) => this.#onFailure(task, outcome));
  }

  async run(): Promise<WorkflowResult> {
    const {name, tasks, stages, saga, hooks} = this.#workflow;
    const {emit, store, clock, runId} = this.#context;
    const startedAt = clock.now();
    this.#context.limitLua(this.#workflow.limit);
    await store.workflowStarting(runId, this.#workflow);
    const recalled = await store.recallSagas(runId, name);
    this.#sagas.recall(recalled, (step) => this.#sagaOf(step));
    emit({
      kind: 'workflow.started',
      workflow: name,
      tasks: tasks.map((task) => task.name),
      stages: stages.map((stage) => stage.name).filter((stage) => stage !== ''),
    });
    if (saga) await this.#sagas.begin(`workflow:${name}`, saga);
    await this.#calls.callHooks(hooks.on_start, {form: 'context'});
    await this.#runStages();
    if (saga) await this.#sagas.end(`workflow:${name}`);
    const success = this.#isSuccess();
    if (!success && !(await this.#sagas.undoFailed())) this.#needsAttention = true;
    if (this.#state.exitCode === undefined) await this.#callEndHooks(success);
    const result = this.#result(success, clock.now() - startedAt);
    for (const {parcel} of this.#state.outputs.values()) parcel?.release();
    await this.#cleanUp(success);
    await store.workflowEnded(runId, result);
    emit({kind: success ? 'workflow.completed' : 'workflow.failed', workflow: name, result});
    if (this.#broken) throw this.#broken.error;
    return result;
  }

  #admission(): Admission {
    const {maxParallel: own, stages, tasks, name} = this.#workflow;
    const {maxParallel, machine, settings, rankOf} = this.#context;
    const perStage = stages.flatMap((stage) =>
      stage.maxWorkers === undefined ? [] : [[stage.name, stage.maxWorkers] as const],
    );
    const inOrder = settings.dependencyResolution === 'topological';
    const limits = {
      tasks: inOrder ? 1 : (own ?? settings.maxConcurrency ?? maxParallel),
      cpu: settings.limits.cpu ?? machine.cpu,
      memoryBytes: settings.limits.memoryBytes ?? machine.memoryBytes,
      perStage: new Map(perStage),
    };
    const order = new Map(tasks.map((task, index) => [task.name, -index]));
    if (inOrder || settings.optimizationLevel === 'none')
      return new Admission(limits, (task) => order.get(task.name) ?? 0);
    const longest = settings.optimizationLevel === 'advanced' || settings.optimizationLevel === 'aggressive';
    if (!longest || !rankOf) return new Admission(limits, ({priority}) => priority);
    // Priority first; a day of work decides less than one step of it.
    return new Admission(limits, (task) => task.priority * 1e9 + Math.min(rankOf(name, task.name), 1e9 - 1));
  }

  async #runStages(): Promise<void> {
    const {timeoutMs, stages} = this.#workflow;
    const {signal, clock} = this.#context;
    setMaxListeners(0, this.#stop.signal);
    const onAbort = (): void => this.#cancelAll(signal.reason);
    const ended = new AbortController();
    if (timeoutMs !== undefined)
      clock.sleep(timeoutMs, ended.signal).then(() => !ended.signal.aborted && this.#runOutOfTime(timeoutMs));
    signal.addEventListener('abort', onAbort, {once: true});
    if (signal.aborted) this.#cancelAll(signal.reason);
    const background: string[] = [];
    for (const stage of stages) background.push(...(await this.#runStage(stage)));
    await this.#scheduler.ended(background);
    await this.#passOverRest();
    ended.abort();
    signal.removeEventListener('abort', onAbort);
    for (const scope of this.#scopes) scope.close();
  }

  // Answers the names of tasks that still run: later stages need not wait for them.
  async #runStage(stage: PlannedStage): Promise<readonly string[]> {
    const {name, condition, failureMode, timeoutMs, saga} = stage;
    const {workflow, context} = {workflow: this.#workflow, context: this.#context};
    const mode = failureMode ?? (context.failFast ? 'kill' : workflow.failureMode) ?? 'no-new';
    const scope = new StageScope(name, mode, this.#stop.signal);
    setMaxListeners(0, scope.signal);
    this.#scopes.push(scope);
    const refusal = this.#refusal(stage);
    if (refusal?.holds === false) {
      const branch = await this.#runBranch(stage.condition?.whenFalse ?? [], scope);
      await this.#skipStage(stage, refusal.why, [...stage.tasks, ...(condition?.whenTrue ?? [])]);
      return branch;
    }
    if (refusal) {
      await this.#skipStage(stage, refusal.why, [
        ...stage.tasks,
        ...(condition?.whenTrue ?? []),
        ...(condition?.whenFalse ?? []),
      ]);
      return [];
    }
    if (name !== '') context.emit({kind: 'stage.started', workflow: workflow.name, stage: name});
    const late = new AbortController();
    if (timeoutMs !== undefined) {
      const message = `stage '${name}' took longer than ${formatDuration(timeoutMs)}`;
      context.clock
        .sleep(timeoutMs, late.signal)
        .then(() => !late.signal.aborted && this.#scheduler.cancel(scope, new Error(message)));
    }
    if (saga) await this.#sagas.begin(`stage:${name}`, saga);
    const first = await this.#runBranch(condition?.whenTrue ?? [], scope);
    const branchFailed = (condition?.whenTrue ?? []).some((task) => !isFine(this.#state.results.get(task)?.outcome));
    const rest = branchFailed && mode !== 'continue' ? [] : stage.tasks;
    const running = [...first, ...this.#scheduler.start(rest, scope)];
    const background = new Set(workflow.tasks.filter((task) => task.background).map((task) => task.name));
    const isBackground = (task: string): boolean => background.has(task);
    const members = [...(condition?.whenTrue ?? []), ...stage.tasks];
    await this.#scheduler.ended(members.filter((task) => !isBackground(task)));
    if (branchFailed)
      await this.#scheduler.passOver(stage.tasks, stageSkip('what its condition starts with did not succeed'));
    if (condition) await this.#scheduler.passOver(condition.whenFalse, branchSkip(condition.condition.text, true));
    late.abort();
    if (saga) await this.#sagas.end(`stage:${name}`);
    this.#endStage(
      stageResultOf(
        name,
        members.filter((task) => !isBackground(task)).flatMap((task) => this.#state.results.get(task)?.outcome ?? []),
      ),
    );
    return running;
  }

  async #runBranch(names: readonly string[], scope: StageScope): Promise<readonly string[]> {
    const started = this.#scheduler.start(names, scope);
    await this.#scheduler.ended(names);
    return started;
  }

  // Why a stage does not run: by its condition, or because an earlier one failed.
  #refusal({condition, name}: PlannedStage): {readonly holds: false | undefined; readonly why: string} | undefined {
    if (this.#stop.signal.aborted) return {holds: undefined, why: 'the workflow was cancelled'};
    if (!condition) {
      const failed = [...this.#state.stages.values()].find(({kind}) => kind === 'failed' || kind === 'cancelled');
      return (
        failed && {
          holds: undefined,
          why: `stage '${failed.stage}' ${failed.kind === 'failed' ? 'failed' : 'was cancelled'}`,
        }
      );
    }
    const {text} = condition.condition;
    try {
      if (this.#state.evaluate(condition.condition, this.#context.params)) return undefined;
      return {holds: false, why: `${JSON.stringify(text)} is false`};
    } catch (error) {
      this.#needsFailure(name, `the condition ${JSON.stringify(text)}: ${textOf(error)}`);
      return {holds: undefined, why: `${JSON.stringify(text)}: ${textOf(error)}`};
    }
  }

  // A condition that cannot be evaluated is a failure of its stage.
  #needsFailure(stage: string, message: string): void {
    this.#context.emit({
      kind: 'hook.failed',
      workflow: this.#workflow.name,
      hook: `condition of stage '${stage}'`,
      message,
    });
    this.#conditionFailed = true;
  }

  async #skipStage({name}: PlannedStage, why: string, tasks: readonly string[]): Promise<void> {
    if (this.#stop.signal.aborted) {
      await this.#scheduler.passOver(tasks, {kind: 'cancelled', reason: textOf(this.#stop.signal.reason)});
      this.#endStage({stage: name, kind: 'cancelled', reason: why, timedOut: this.#timedOut});
      return;
    }
    await this.#scheduler.passOver(tasks, stageSkip(why));
    this.#endStage({stage: name, kind: 'skipped', reason: why, timedOut: false});
  }

  #endStage(result: StageResult): void {
    if (result.stage === '') {
      if (result.kind === 'failed' || result.kind === 'cancelled') this.#state.stages.set('', result);
      return;
    }
    this.#state.stages.set(result.stage, result);
    this.#context.emit({kind: 'stage.ended', workflow: this.#workflow.name, result});
  }

  // Tasks that no stage let go: what only skipped ones need.
  async #passOverRest(): Promise<void> {
    const cancelled = this.#stop.signal.aborted;
    const outcome: Outcome = cancelled
      ? {kind: 'cancelled', reason: textOf(this.#stop.signal.reason)}
      : stageSkip('nothing that runs needs it');
    await this.#scheduler.passOver(this.#scheduler.untouched(), outcome);
  }

  #onFailure(task: PlannedTask, outcome: Outcome): void {
    this.#firstFailure ??= {task, outcome};
    this.#sagas.noteFailure();
    if (outcome.kind !== 'failed' || outcome.failure.kind !== 'exit') return;
    this.#state.exitCode ??= outcome.failure.exitCode ?? 0;
    this.#cancelAll(new Error(outcome.failure.message));
  }

  #runOutOfTime(timeoutMs: number): void {
    this.#timedOut = true;
    this.#cancelAll(new Error(`workflow '${this.#workflow.name}' took longer than ${formatDuration(timeoutMs)}`));
  }

  // What runs is cancelled and ends by itself; what has not started never will.
  #cancelAll(reason: unknown): void {
    this.#stop.abort(reason);
    for (const scope of this.#scopes) this.#scheduler.cancel(scope, reason);
  }

  #breakOff(error: unknown): void {
    this.#broken ??= {error};
    this.#cancelAll(error);
  }

  #isSuccess(): boolean {
    const fine = [...this.#state.results.values()].every(
      ({outcome}) => outcome.kind === 'succeeded' || outcome.kind === 'skipped',
    );
    return (
      fine && !this.#timedOut && !this.#stop.signal.aborted && !this.#conditionFailed && this.#broken === undefined
    );
  }

  #sagaOf(step: string): Saga | undefined {
    const {tasks, stages, saga} = this.#workflow;
    const name = step.slice(step.indexOf(':') + 1);
    if (step.startsWith('task:')) return tasks.find((task) => task.name === name)?.saga;
    return step.startsWith('stage:') ? stages.find((stage) => stage.name === name)?.saga : saga;
  }

  async #callEndHooks(success: boolean): Promise<void> {
    const {hooks, errorHandlers} = this.#workflow;
    const failure = success ? undefined : this.#failureForLua();
    if (!success) await this.#calls.callHooks(errorHandlers, {form: 'context', failure});
    await this.#calls.callHooks(success ? hooks.on_success : hooks.on_failure, {form: 'context', failure});
    await this.#calls.callHooks(hooks.on_complete, {form: 'complete', success, failure});
  }

  async #rollback(
    asked: string | undefined,
  ): Promise<{readonly name: string; readonly undone: readonly string[]} | string> {
    const {settings, store, emit} = this.#context;
    if (!settings.enableRollback) throw new Error('rollback.execute: runner_config.enable_rollback is false');
    const {checkpoints} = this.#state;
    const record: CheckpointRecord | undefined =
      asked === undefined ? undefined : checkpoints.findLast(({id, name}) => id === asked || name === asked);
    if (!record)
      return asked === undefined ? 'no checkpoint to roll back to' : `no checkpoint '${asked}' to roll back to`;
    const undone = await this.#sagas.undoAfter(record.stepsEnded);
    await store.rolledBack(record);
    emit({kind: 'rollback.done', workflow: this.#workflow.name, checkpoint: record.id, undone});
    return {name: record.name, undone};
  }

  #failureForLua(): Record<string, Sendable> {
    const {task, outcome} = this.#firstFailure ?? {};
    if (outcome?.kind === 'failed') {
      const {kind, message, traceback} = outcome.failure;
      const shown = kind === 'deadlock' || kind === 'exit' ? 'error' : kind;
      const attempts = task && this.#state.results.get(task.name)?.attempts;
      return {kind: shown, message, traceback, task: task?.name, stage: task?.stage, attempts};
    }
    const {reason} = this.#stop.signal;
    if (this.#timedOut) return {kind: 'timeout', message: textOf(reason)};
    if (this.#stop.signal.aborted) return {kind: 'cancelled', message: textOf(reason)};
    return {kind: 'condition', message: 'a condition could not be evaluated'};
  }

  #result(success: boolean, durationMs: number): WorkflowResult {
    const {name, tasks} = this.#workflow;
    const ended = tasks.flatMap((task) => this.#state.results.get(task.name) ?? []);
    return {
      workflow: name,
      success,
      needsAttention: this.#needsAttention,
      tasks: ended,
      stages: [...this.#state.stages.values()].filter(({stage}) => stage !== ''),
      compensations: this.#sagas.results,
      durationMs,
      timedOut: this.#timedOut,
      exitCode: this.#state.exitCode,
      uncaught: ended.reduce((sum, {uncaught}) => sum + uncaught, this.#state.uncaught),
    };
  }

  async #cleanUp(success: boolean): Promise<void> {
    const {cleanup} = this.#workflow;
    if (this.#context.keepTemp || cleanup === 'never' || (cleanup === 'after-success' && !success)) return;
    await this.#files.cleanUp();
  }
}

function isFine(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'succeeded' || (outcome?.kind === 'skipped' && outcome.because !== 'dependency');
}

function stageSkip(reason: string): Outcome {
  return {kind: 'skipped', because: 'stage', reason};
}

function branchSkip(text: string, is: boolean): Outcome {
  return {kind: 'skipped', because: 'branch', reason: `${JSON.stringify(text)} is ${is}`};
}
