import type {Outcome} from '../outcome.js';
import type {PlannedTask} from '../plan.js';
import type {Attempt} from './call-function.js';
import {Circuit} from './circuit.js';
import {Pace} from './pace.js';
import {retryDelayMs} from './retry-delay.js';
import type {TaskCalls, TaskSurroundings} from './task-calls.js';

/** A task's place among those that run, which it gives back while it only waits. */
export class Place {
  readonly #task: PlannedTask;
  readonly #around: TaskSurroundings;
  #held = false;

  constructor(task: PlannedTask, around: TaskSurroundings) {
    this.#task = task;
    this.#around = around;
  }

  /** Resolves to false when the task was sent away. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    this.#held = await this.#around.admission.enter(this.#task);
    return this.#held;
  }

  leave(): void {
    if (this.#held) this.#around.admission.leave(this.#task);
    this.#held = false;
  }
}

/** The attempts of one task: how often, when, and what is written down about them. */
export class Attempts {
  readonly #task: PlannedTask;
  readonly #around: TaskSurroundings;
  readonly #calls: TaskCalls;
  readonly #signal: AbortSignal;

  constructor(task: PlannedTask, around: TaskSurroundings, calls: TaskCalls, signal: AbortSignal) {
    this.#task = task;
    this.#around = around;
    this.#calls = calls;
    this.#signal = signal;
  }

  /** Tries until it succeeds or no attempt is left. Answers the last attempt. */
  async run(place: Place): Promise<Attempt> {
    const {context, workflow} = this.#around;
    const {retry, name} = this.#task;
    const interrupted = this.#calls.recalled?.interruptedAttempt;
    for (let attempt = interrupted ?? 1; ; attempt += 1) {
      this.#calls.attempt = attempt;
      const ended = await this.#tryOnce(attempt, attempt === interrupted);
      this.#calls.uncaught += ended.uncaught;
      const {outcome} = ended;
      const isLast = outcome.kind !== 'failed' || outcome.failure.kind === 'exit' || attempt >= retry.maxAttempts;
      if (isLast || this.#signal.aborted) return ended;
      const delayMs = retryDelayMs(retry, attempt, context.random);
      context.emit({
        kind: 'task.retrying',
        workflow: workflow.name,
        task: name,
        attempt,
        delayMs,
        failure: outcome.failure,
      });
      place.leave();
      await context.clock.sleep(delayMs, this.#signal);
      if (!(await place.enter(this.#signal))) return {outcome: sentAway(this.#signal), uncaught: 0};
    }
  }

  async #tryOnce(attempt: number, interrupted: boolean): Promise<Attempt> {
    const {context, workflow, state} = this.#around;
    const {store} = context;
    const {name: task} = this.#task;
    const circuit = this.#circuit();
    if (circuit?.ask() === 'open') {
      return {
        outcome: {kind: 'failed', failure: {kind: 'error', message: `circuit 'task:${task}' is open`}},
        uncaught: 0,
      };
    }
    await this.#pace()?.turn(this.#signal);
    const key = {runId: context.runId, workflow: workflow.name, task, attempt};
    const starting = store.attemptStarting(key);
    if (starting) await starting;
    context.emit({kind: 'task.started', workflow: workflow.name, task, attempt, interrupted});
    state.emissions.get(task)?.begin();
    const ended = await this.#calls.act(interrupted);
    if (ended.outcome.kind === 'succeeded') circuit?.succeeded();
    else if (ended.outcome.kind === 'failed') circuit?.failed();
    else circuit?.gaveUp();
    const written = store.attemptEnded(key, ended.outcome);
    if (written) await written;
    return ended;
  }

  #circuit(): Circuit | undefined {
    const {circuit, name} = this.#task;
    const {context} = this.#around;
    if (!circuit) return undefined;
    const label = `task:${name}`;
    const known = context.circuits.get(label);
    if (known) return known;
    const changed = (state: 'opened' | 'closed'): unknown => context.emit({kind: `circuit.${state}`, circuit: label});
    const made = new Circuit(circuit, () => context.clock.now(), changed);
    context.circuits.set(label, made);
    return made;
  }

  #pace(): Pace | undefined {
    const {rateLimit, name} = this.#task;
    if (rateLimit === undefined) return undefined;
    const {context, paces} = this.#around;
    const pace = paces.get(name) ?? new Pace(rateLimit, context.clock);
    paces.set(name, pace);
    return pace;
  }
}

/** How a task ended that was not let start any more. */
export function sentAway(signal: AbortSignal): Outcome {
  const {reason} = signal;
  if (!signal.aborted) return {kind: 'cancelled', reason: 'it was not started any more'};
  return {kind: 'cancelled', reason: reason instanceof Error ? reason.message : String(reason)};
}
