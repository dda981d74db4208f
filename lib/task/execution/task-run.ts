import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import {unreachable} from '../../util/unreachable.js';
import type {TaskEndKind} from '../events.js';
import type {Failure, Outcome, TaskResult} from '../outcome.js';
import type {PlannedTask} from '../plan.js';
import {Attempts, Place, sentAway} from './attempts.js';
import {dependencySkip} from './dependency-skip.js';
import type {CacheInputs, TaskKey} from './execution-store.js';
import {cacheInputsOf} from './fill-task.js';
import {mergedOutput} from './merged-output.js';
import {TaskCalls, type TaskSurroundings} from './task-calls.js';

/** One task of a workflow, from the moment it may start to its end. */
export class TaskRun {
  readonly #task: PlannedTask;
  readonly #around: TaskSurroundings;
  readonly #signal: AbortSignal;
  readonly #key: TaskKey;
  readonly #calls: TaskCalls;
  #startedAt: number | undefined;
  /** The output whole, for the tasks that depend on this one. */
  #parcel: LuaFunction | undefined;

  constructor(task: PlannedTask, around: TaskSurroundings, signal: AbortSignal) {
    this.#task = task;
    this.#around = around;
    this.#signal = signal;
    this.#key = {runId: around.context.runId, workflow: around.workflow.name, task: task.name};
    this.#calls = new TaskCalls(task, around, signal);
  }

  /**
   * Runs the task, or passes it over; resolves when its end is written down and told.
   *
   * @param refusal why it was not let start, when it was not.
   */
  async run(refusal: () => Outcome): Promise<TaskResult> {
    const asked = this.#around.context.store.recall(this.#key);
    const recalled = asked instanceof Promise ? await asked : asked;
    if (recalled?.result) return this.#takeOver(recalled.result);
    this.#calls.recall(recalled);
    const passedOver = this.#branchedAway();
    if (passedOver) return this.end(passedOver);
    this.#around.context.emit({kind: 'task.ready', ...this.#name()});
    const place = new Place(this.#task, this.#around);
    if (!(await place.enter(this.#signal))) return this.end(refusal());
    try {
      const lost = this.#task.streams.find((name) => this.#around.state.emissions.get(name)?.hasFailed);
      if (lost !== undefined) return await this.end(dependencySkip(lost));
      this.#around.state.begun.add(this.#task.name);
      return await this.end(await this.#start(place));
    } finally {
      place.leave();
    }
  }

  /** Ends it, whether it ran or not. */
  async end(outcome: Outcome): Promise<TaskResult> {
    const {context, state} = this.#around;
    const ended = outcome.kind === 'succeeded' ? this.#handOn(outcome) : outcome;
    const emitting = state.emissions.get(this.#task.name);
    if (emitting && outcome.kind !== 'succeeded') emitting.hasFailed = true;
    await this.#callEndHooks(ended);
    const {attempt: attempts, uncaught} = this.#calls;
    const durationMs = this.#startedAt === undefined ? 0 : context.clock.now() - this.#startedAt;
    const result: TaskResult = {task: this.#task.name, outcome: ended, attempts, durationMs, uncaught};
    const written = context.store.taskEnded(this.#key, result);
    if (written) await written;
    state.results.set(this.#task.name, result);
    context.emit({kind: endKind(ended), ...this.#name(), result});
    return result;
  }

  // An earlier part of this run had ended it.
  async #takeOver(result: TaskResult): Promise<TaskResult> {
    const {state, context, files, sagas} = this.#around;
    const {outcome} = result;
    const taken: TaskResult =
      outcome.kind === 'succeeded' ? {...result, outcome: {...outcome, from: 'journal'}} : result;
    state.results.set(this.#task.name, taken);
    if (outcome.kind === 'succeeded') {
      state.emissions.get(this.#task.name)?.end(outcome.emitted ?? []);
      state.outputs.set(this.#task.name, {value: outcome.value, parcel: undefined, added: undefined});
      await files.recall(this.#task, outcome.value);
      const {saga, name} = this.#task;
      // What it did then is undone, too, when something fails now.
      if (saga) await sagas.begin(`task:${name}`, saga);
      if (saga) await sagas.end(`task:${name}`);
    }
    context.emit({kind: endKind(taken.outcome), ...this.#name(), result: taken});
    return taken;
  }

  #branchedAway(): Outcome | undefined {
    for (const branch of this.#task.branches) {
      const text = JSON.stringify(branch.condition.text);
      try {
        if (this.#around.state.branchHolds(branch, this.#calls.params)) continue;
      } catch (error) {
        return failed('condition', `the condition ${text}: ${textOf(error)}`);
      }
      return {kind: 'skipped', because: 'branch', reason: `${text} is ${!branch.when}`};
    }
    return undefined;
  }

  // From its guards to its last attempt.
  async #start(place: Place): Promise<Outcome> {
    const {context, files, sagas, state} = this.#around;
    const passedOver = await this.#makeReady();
    if (passedOver) return passedOver;
    const inputs = this.#cacheInputs();
    const cached = inputs && (await context.store.lookupCached(inputs));
    // One that was kept when nobody read what it emits says nothing of that.
    if (cached && !(state.emissions.has(this.#task.name) && cached.emitted === undefined)) {
      for (const {stream, bytes} of cached.log) this.#calls.output(stream, bytes);
      await files.offer(this.#task, this.#calls.workdir, cached.value);
      return {kind: 'succeeded', value: cached.value, message: cached.message, from: 'cache', emitted: cached.emitted};
    }
    const full = await this.#diskIsFull();
    if (full) return full;
    if (inputs) this.#calls.log = [];
    const {saga, name} = this.#task;
    if (saga) await sagas.begin(`task:${name}`, saga);
    this.#startedAt = context.clock.now();
    await this.#calls.callHooks('pre_hook', {form: 'hook'});
    const {outcome, output} = await new Attempts(this.#task, this.#around, this.#calls, this.#signal).run(place);
    this.#parcel = output;
    if (saga) await sagas.end(`task:${name}`);
    if (outcome.kind !== 'succeeded') return outcome;
    const value = mergedOutput(outcome.value, this.#added());
    try {
      await files.offer(this.#task, this.#calls.workdir, value);
    } catch (error) {
      return failed('error', textOf(error));
    }
    const over = await this.#diskIsFull();
    if (over || !inputs) return over ?? outcome;
    await context.store.keep(inputs, {
      value,
      message: outcome.message,
      emitted: state.emissions.get(this.#task.name)?.values,
      log: this.#calls.log ?? [],
    });
    return (await this.#diskIsFull()) ?? outcome;
  }

  async #diskIsFull(): Promise<Outcome | undefined> {
    try {
      await this.#around.context.disk?.check();
      return undefined;
    } catch (error) {
      return failed('error', textOf(error));
    }
  }

  // Why it does not run, if it does not.
  async #makeReady(): Promise<Outcome | undefined> {
    const {files} = this.#around;
    const {runIf, abortIf} = this.#task;
    try {
      this.#calls.prepare();
      for (const guard of runIf) {
        const {holds, why} = await this.#calls.ask(guard);
        if (!holds) return {kind: 'skipped', because: 'condition', reason: why};
      }
      for (const guard of abortIf) {
        const {holds, why} = await this.#calls.ask(guard);
        if (holds) return failed('condition', `aborted: ${why}`);
      }
      await files.makeWorkdir(this.#task, this.#calls.workdir);
      await files.takeOver(this.#task, this.#calls.workdir);
      return undefined;
    } catch (error) {
      return this.#signal.aborted ? sentAway(this.#signal) : failed('condition', textOf(error));
    }
  }

  // What decides about a kept result; undefined when none may be kept.
  #cacheInputs(): CacheInputs | undefined {
    const {context, workflow} = this.#around;
    const {sourceOf, sources, settings} = context;
    const about = {workflow: workflow.name, optimizationLevel: settings.optimizationLevel, sourceOf, sources};
    return cacheInputsOf(this.#task, this.#calls, this.#calls.place, about);
  }

  #handOn(outcome: Extract<Outcome, {kind: 'succeeded'}>): Outcome {
    const added = this.#added();
    const value = outcome.from === undefined ? mergedOutput(outcome.value, added) : outcome.value;
    const {outputs, emissions} = this.#around.state;
    outputs.set(this.#task.name, {value, parcel: this.#parcel, added});
    const emitting = emissions.get(this.#task.name);
    emitting?.end(outcome.emitted);
    return {...outcome, value, ...(emitting && {emitted: emitting.values})};
  }

  #added(): Readonly<Record<string, Sendable>> | undefined {
    const {exports} = this.#calls;
    return Object.keys(exports).length > 0 ? exports : undefined;
  }

  async #callEndHooks(outcome: Outcome): Promise<void> {
    const calls = this.#calls;
    switch (outcome.kind) {
      case 'succeeded': {
        const added = this.#parcel && this.#added();
        const output = this.#parcel ?? outcome.value;
        if (outcome.from === undefined) await calls.callHooks('post_hook', {form: 'hook', added}, output);
        return calls.callHooks('on_success', {form: 'hook', added}, output);
      }
      case 'failed': {
        if (this.#startedAt !== undefined) await calls.callHooks('post_hook', {form: 'hook'});
        const {kind, message} = outcome.failure;
        if (kind === 'timeout') await calls.callHooks('on_timeout', {form: 'reason', reason: message});
        return calls.callHooks('on_failure', {form: 'failure', failure: calls.failureForLua(outcome.failure)});
      }
      case 'skipped':
        return calls.callHooks('on_skip', {form: 'reason', reason: outcome.reason});
      case 'cancelled':
        return undefined;
      default:
        return unreachable(outcome);
    }
  }

  #name(): {readonly workflow: string; readonly task: string} {
    return {workflow: this.#around.workflow.name, task: this.#task.name};
  }
}

function endKind(outcome: Outcome): TaskEndKind {
  if (outcome.kind === 'succeeded') return outcome.from === 'cache' ? 'task.cached' : 'task.succeeded';
  return `task.${outcome.kind}`;
}

function failed(kind: Failure['kind'], message: string): Outcome {
  return {kind: 'failed', failure: {kind, message}};
}
