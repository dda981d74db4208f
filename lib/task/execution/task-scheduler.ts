import type {Outcome, TaskResult} from '../outcome.js';
import type {PlannedTask} from '../plan.js';
import {sentAway} from './attempts.js';
import {dependencySkip} from './dependency-skip.js';
import {Emissions} from './emissions.js';
import type {StageScope} from './stage-scope.js';
import type {TaskSurroundings} from './task-calls.js';
import {type Changes, TaskGraph} from './task-graph.js';
import {TaskRun} from './task-run.js';

/** Runs the tasks of one workflow in their order, as they are let go. */
export class TaskScheduler {
  readonly #graph: TaskGraph;
  readonly #around: TaskSurroundings;
  readonly #tasks: ReadonlyMap<string, PlannedTask>;
  readonly #scopes = new Map<string, StageScope>();
  readonly #ends = new Map<string, Promise<void>>();
  readonly #resolvers = new Map<string, () => void>();
  /** Of tasks that read what others emit. */
  readonly #streaming = new Map<string, AbortController>();
  readonly #broken = new Map<string, string>();
  readonly #onFailure: (task: PlannedTask, outcome: Outcome) => void;

  /** @param onFailure is told of each task that failed, before others that wait for it are passed over. */
  constructor(around: TaskSurroundings, onFailure: (task: PlannedTask, outcome: Outcome) => void) {
    const {tasks} = around.workflow;
    this.#graph = new TaskGraph(tasks);
    this.#around = around;
    this.#tasks = new Map(tasks.map((task) => [task.name, task]));
    this.#onFailure = onFailure;
    for (const name of new Set(tasks.flatMap(({streams}) => streams)))
      around.state.emissions.set(name, new Emissions(() => this.#follow(this.#graph.begin(name))));
  }

  /** Lets tasks run, with what they need; answers the names of all that were let go by this. */
  start(names: readonly string[], scope: StageScope): readonly string[] {
    const woken = this.#graph.activate(names);
    for (const {name} of woken) {
      this.#scopes.set(name, scope);
      this.#ends.set(name, new Promise((resolve) => this.#resolvers.set(name, resolve)));
    }
    this.#follow(this.#graph.take(woken));
    return woken.map(({name}) => name);
  }

  /** Resolves when these tasks, which were let go, have ended. */
  async ended(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#ends.get(name);
  }

  /** Passes over tasks that were never let go. */
  async passOver(names: readonly string[], outcome: Outcome): Promise<void> {
    for (const name of names) {
      const task = this.#tasks.get(name);
      if (!task || this.#ends.has(name)) continue;
      this.#ends.set(name, Promise.resolve());
      this.#graph.takeDormant(name);
      await this.#end(task, new TaskRun(task, this.#around, new AbortController().signal).end(outcome));
    }
  }

  /** Names of tasks that were never let go. */
  untouched(): readonly string[] {
    return this.#graph.dormant().map(({name}) => name);
  }

  /** What runs in a scope ends by its signal; what waits there never starts. */
  cancel(scope: StageScope, reason: unknown): void {
    scope.stop(reason);
    this.#around.admission.sendAway((task) => this.#scopes.get(task.name) === scope);
    this.#dropWaiting(scope, () => sentAway(scope.signal));
  }

  // After a failure nothing new starts in its scope, but for what a condition of its own decides.
  #stopNew(scope: StageScope, failed: string): void {
    const outcome: Outcome = {kind: 'skipped', because: 'failure', task: failed, reason: `'${failed}' failed`};
    const isNew = (task: PlannedTask): boolean => this.#scopes.get(task.name) === scope && task.branches.length === 0;
    this.#dropWaiting(scope, (task) => (isNew(task) ? outcome : undefined));
    this.#around.admission.sendAway((task) => isNew(task) && !this.#around.state.begun.has(task.name));
  }

  #dropWaiting(scope: StageScope, outcomeOf: (task: PlannedTask) => Outcome | undefined): void {
    for (const task of this.#graph.waiting()) {
      if (this.#scopes.get(task.name) !== scope) continue;
      const outcome = outcomeOf(task);
      if (outcome && this.#graph.takeWaiting(task.name)) this.#passOver(task, outcome);
    }
  }

  #follow({ready, doomed, broken}: Changes): void {
    for (const {task, because} of broken) {
      this.#broken.set(task.name, because);
      this.#streaming.get(task.name)?.abort(new Error(`'${because}' did not succeed`));
      this.#around.admission.sendAway(({name}) => name === task.name);
    }
    for (const {task, because} of doomed) {
      this.#passOver(task, dependencySkip(because));
    }
    for (const task of ready) {
      const scope = this.#scopes.get(task.name);
      if (!scope) continue;
      if (scope.failedTask !== undefined && scope.mode === 'no-new' && task.branches.length === 0) {
        const {failedTask} = scope;
        this.#passOver(task, {kind: 'skipped', because: 'failure', task: failedTask, reason: `'${failedTask}' failed`});
        continue;
      }
      const run = new TaskRun(task, this.#around, this.#signalOf(task, scope));
      void this.#end(
        task,
        run.run(() => this.#refusal(task, scope)),
      );
    }
  }

  // One that reads what others emit ends when these do not succeed.
  #signalOf({name, streams}: PlannedTask, {signal}: StageScope): AbortSignal {
    if (streams.length === 0) return signal;
    const own = new AbortController();
    this.#streaming.set(name, own);
    return AbortSignal.any([signal, own.signal]);
  }

  // Why a task that asked to start was sent away.
  #refusal(task: PlannedTask, scope: StageScope): Outcome {
    const {failedTask} = scope;
    const because = this.#broken.get(task.name);
    if (because !== undefined && !scope.signal.aborted) return dependencySkip(because);
    if (scope.signal.aborted || failedTask === undefined || task.branches.length > 0) return sentAway(scope.signal);
    return {kind: 'skipped', because: 'failure', task: failedTask, reason: `'${failedTask}' failed`};
  }

  #passOver(task: PlannedTask, outcome: Outcome): void {
    const signal = this.#scopes.get(task.name)?.signal ?? new AbortController().signal;
    void this.#end(task, new TaskRun(task, this.#around, signal).end(outcome));
  }

  async #end(task: PlannedTask, running: Promise<TaskResult>): Promise<void> {
    let outcome: Outcome;
    try {
      ({outcome} = await running);
    } catch (error) {
      this.#around.failed(error);
      outcome = {kind: 'cancelled', reason: 'the run broke off'};
    }
    const scope = this.#scopes.get(task.name);
    if (outcome.kind === 'failed') {
      this.#onFailure(task, outcome);
      if (scope) this.#afterFailure(task, scope, outcome);
    }
    this.#follow(this.#graph.end(task.name, outcome));
    this.#resolvers.get(task.name)?.();
  }

  #afterFailure(task: PlannedTask, scope: StageScope, outcome: Extract<Outcome, {kind: 'failed'}>): void {
    scope.failedTask ??= task.name;
    if (scope.mode === 'kill' || outcome.failure.kind === 'exit')
      this.cancel(scope, new Error(`'${task.name}' failed`));
    else if (scope.mode === 'no-new') this.#stopNew(scope, task.name);
  }
}
