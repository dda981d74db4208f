import type {LuaFunction} from '../../lua-function.js';
import type {EventBody} from '../events.js';
import type {CompensationResult} from '../outcome.js';
import type {Saga} from '../plan.js';
import type {Attempt} from './call-function.js';
import type {
  CompensationKey,
  ExecutionStore,
  RecalledCompensation,
  RecalledStep,
  StepRecord,
} from './execution-store.js';

/** How often a compensation is tried. */
const mostAttempts = 3;

/** Somebody whose work may have to be undone. */
interface Member {
  readonly name: string;
  readonly compensation: LuaFunction | undefined;
}

/** A step that began, with what undoes it. */
interface Step {
  readonly record: StepRecord;
  readonly saga: string;
  readonly participants: readonly Member[];
  /** Counts ends of steps, from 1; undefined while it runs. */
  endedAs: number | undefined;
  /** It failed, or something failed after it began. */
  mustBeUndone: boolean;
  undone: boolean;
}

/** What an earlier part of a run did that may have to be undone, and what of it was. */
export interface RecalledSagas {
  readonly steps: readonly RecalledStep[];
  readonly compensations: readonly RecalledCompensation[];
}

/** What undoing needs of its workflow. */
export interface SagaSurroundings {
  readonly runId: string;
  readonly workflow: string;
  readonly store: ExecutionStore;
  readonly emit: (event: EventBody) => void;
  /** `compensation_enabled`. */
  readonly enabled: boolean;
  /** Calls a compensation with the workflow's context. */
  readonly compensate: (fn: LuaFunction, saga: string, participant: string, attempt: number) => Promise<Attempt>;
}

/**
 * The log of a workflow's steps that can be undone. A step is undone when it failed, or when anything failed after it began:
 * newest first, within one the participants in reverse order, one at a time; sagas of one name are undone as one.
 *
 * @see Garcia-Molina and Salem, "Sagas", SIGMOD 1987
 */
export class Sagas {
  readonly #around: SagaSurroundings;
  readonly #steps: Step[] = [];
  #ended = 0;
  #recalled: readonly RecalledCompensation[] = [];
  readonly results: CompensationResult[] = [];

  constructor(around: SagaSurroundings) {
    this.#around = around;
  }

  /** Steps that have ended: what a checkpoint notes. */
  get stepsEnded(): number {
    return this.#ended;
  }

  /** Takes over what an earlier part of this run left; `sagaOf` answers what undoes a step. */
  recall(recalled: RecalledSagas, sagaOf: (step: string) => Saga | undefined): void {
    this.#recalled = recalled.compensations;
    for (const {ended, ...record} of [...recalled.steps].sort((a, b) => a.order - b.order)) {
      const saga = sagaOf(record.step);
      if (saga?.name !== record.saga) continue;
      if (ended) this.#ended += 1;
      const endedAs = ended ? this.#ended : undefined;
      const participants = membersOf(saga);
      this.#steps.push({record, saga: saga.name, participants, endedAs, mustBeUndone: false, undone: false});
    }
  }

  /** A step begins, or begins again where it was cut off; resolves when that is written down. */
  async begin(step: string, {name, participants}: Saga): Promise<void> {
    const isOpen = ({record, saga, endedAs}: Step): boolean =>
      record.step === step && saga === name && endedAs === undefined;
    if (!this.#steps.some(isOpen)) await this.#add(step, name, membersOf({participants}));
  }

  async #add(step: string, saga: string, participants: readonly Member[]): Promise<Step> {
    const {runId, workflow, store} = this.#around;
    const record = {runId, workflow, saga, step, order: this.#steps.length + 1};
    const entry: Step = {record, saga, participants, endedAs: undefined, mustBeUndone: false, undone: false};
    this.#steps.push(entry);
    const written = store.stepStarting(record);
    if (written) await written;
    return entry;
  }

  /** Whether a step has begun. */
  hasBegun(step: string): boolean {
    return this.#steps.some(({record}) => record.step === step);
  }

  async end(step: string): Promise<void> {
    for (const entry of this.#steps) {
      if (entry.record.step !== step || entry.endedAs !== undefined) continue;
      this.#ended += 1;
      entry.endedAs = this.#ended;
      const written = this.#around.store.stepEnded(entry.record);
      if (written) await written;
    }
  }

  /** Something failed: all that began before is to be undone. */
  noteFailure(): void {
    for (const step of this.#steps) step.mustBeUndone = true;
  }

  /** A saga that a running task began: its compensations come one by one. */
  beginInside(task: string, name: string): number {
    const members: Member[] = [];
    this.#steps.push({
      record: {
        runId: this.#around.runId,
        workflow: this.#around.workflow,
        saga: name,
        step: `task:${task}`,
        order: this.#steps.length + 1,
      },
      saga: name,
      participants: members,
      endedAs: undefined,
      mustBeUndone: false,
      undone: false,
    });
    return this.#steps.length - 1;
  }

  compensateInside(saga: number, compensation: LuaFunction): void {
    const step = this.#insideStep(saga);
    (step.participants as Member[]).push({name: `${step.saga} ${step.participants.length + 1}`, compensation});
  }

  /** Its work stands, whatever comes later. */
  commitInside(saga: number): void {
    this.#insideStep(saga).undone = true;
  }

  #insideStep(saga: number): Step {
    const step = this.#steps[saga];
    if (!step) throw new Error('there is no such saga');
    if (step.undone) throw new Error(`saga '${step.saga}' was committed`);
    return step;
  }

  /** Undoes everything that must be; false when somebody has to look at what is left. */
  async undoFailed(): Promise<boolean> {
    return (await this.#undo(this.#steps.filter((step) => step.mustBeUndone))).complete;
  }

  /** Undoes every step that ended after that many steps had: `saga/participant` of each. */
  async undoAfter(stepsEnded: number): Promise<readonly string[]> {
    const later = this.#steps.filter(({endedAs}) => endedAs === undefined || endedAs > stepsEnded);
    return (await this.#undo(later)).undone;
  }

  async #undo(steps: readonly Step[]): Promise<{readonly undone: readonly string[]; readonly complete: boolean}> {
    const {enabled, emit, workflow} = this.#around;
    const undone: string[] = [];
    let complete = true;
    for (const step of newestFirst(steps.filter((candidate) => !candidate.undone))) {
      step.undone = true;
      for (const {name, compensation} of [...step.participants].reverse()) {
        if (!compensation) continue;
        if (!enabled) {
          emit({kind: 'compensation.omitted', workflow, saga: step.saga, participant: name});
          complete = false;
          continue;
        }
        const result = await this.#compensate(step.saga, name, compensation);
        this.results.push(result);
        complete &&= result.success;
        if (result.success) undone.push(`${step.saga}/${name}`);
      }
    }
    return {undone, complete};
  }

  async #compensate(saga: string, participant: string, fn: LuaFunction): Promise<CompensationResult> {
    const {runId, workflow, store, emit} = this.#around;
    const earlier = this.#recalled.find((known) => known.saga === saga && known.participant === participant);
    if (earlier?.done) return {saga, participant, success: true, attempts: earlier.attempts};
    for (let attempt = 1; ; attempt += 1) {
      const key: CompensationKey = {runId, workflow, saga, participant, attempt};
      const about = {workflow, saga, participant, attempt};
      await store.compensationStarting(key);
      emit({kind: 'compensation.started', ...about});
      const {outcome} = await this.#around.compensate(fn, saga, participant, attempt);
      const success = outcome.kind === 'succeeded';
      const message = outcome.kind === 'failed' ? outcome.failure.message : success ? outcome.message : outcome.reason;
      const final = success || attempt >= mostAttempts;
      const result = {saga, participant, success, attempts: attempt, message};
      await store.compensationEnded(key, result, final);
      if (success) emit({kind: 'compensation.done', ...about});
      else emit({kind: 'compensation.failed', ...about, message: message ?? 'it failed', final});
      if (final) return result;
    }
  }
}

function membersOf({participants}: Pick<Saga, 'participants'>): readonly Member[] {
  return participants.map((member) => ({name: member.name, compensation: member.compensation?.call}));
}

// Newest first; those of one name stand together, where the newest of them stands.
function newestFirst(steps: readonly Step[]): readonly Step[] {
  const reversed = [...steps].reverse();
  const names = [...new Set(reversed.map(({saga}) => saga))];
  return names.flatMap((name) => reversed.filter(({saga}) => saga === name));
}
