import type {Sendable} from '../../sendable.js';
import {folderBytes} from '../../util/folder-bytes.js';
import type {SecretMask} from '../../util/secret-mask.js';
import {textOf} from '../../util/text-of.js';
import type {CacheKeeper} from '../cache/cache-keeper.js';
import type {
  AttemptKey,
  CachedResult,
  CacheInputs,
  CheckpointRecord,
  CompensationKey,
  ExecutionStore,
  MaybeLater,
  RecalledCompensation,
  RecalledStep,
  RecalledTask,
  StepRecord,
  TaskKey,
} from '../execution/execution-store.js';
import type {CompensationResult, Outcome, TaskResult, WorkflowResult} from '../outcome.js';
import type {PlannedWorkflow} from '../plan.js';
import type {RunJournal} from './journal.js';
import type {Recall} from './recall.js';
import {storeOutcome, storeResult} from './stored-result.js';
import {storeValue} from './stored-value.js';

/** What an execution writes into and reads from. */
export interface StoreParts {
  /** Missing with `--no-journal`. */
  readonly journal?: RunJournal | undefined;
  readonly recall: Recall;
  /** The results recalled are those of another run. */
  readonly takesOver?: boolean | undefined;
  /** `.sloth`, where all of this lies. */
  readonly folder?: string | undefined;
  /** Missing where nothing is cached. */
  readonly cache?: CacheKeeper | undefined;
  readonly warn: (message: string) => void;
  /** What must not be written down. */
  readonly mask: SecretMask;
}

/**
 * What execution writes down goes into the journal, what it asks for comes from there and from the cache.
 *
 * Records are written in order and an attempt starts only when its start is written. So the end of a task need not be
 * waited for: whatever starts after it is behind it in the journal. Records of sagas survive a loss of power, all others the
 * death of the process.
 */
export class JournalingStore implements ExecutionStore {
  readonly #parts: StoreParts;
  /** Tasks of which was said that not all of their state is kept. */
  readonly #incomplete = new Set<string>();
  #failure: unknown;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** The journal cannot be written any more: whatever asks next raises. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  // The journal's beginning is written before execution starts.
  runStarting(): void {}

  workflowStarting(_runId: string, {name, tasks}: PlannedWorkflow): MaybeLater<void> {
    const planned = tasks.map((task) => ({
      name: task.name,
      ...(task.stage !== undefined && {stage: task.stage}),
      needs: task.dependsOn,
    }));
    return this.#write({kind: 'workflow.started', workflow: name, tasks: planned});
  }

  workflowEnded(_runId: string, result: WorkflowResult): MaybeLater<void> {
    const {workflow, success, needsAttention, timedOut, durationMs} = result;
    return this.#write({kind: 'workflow.ended', workflow, success, needsAttention, timedOut, durationMs}, 'disk');
  }

  recall({workflow, task}: TaskKey): RecalledTask | undefined {
    const recalled = this.#parts.recall.task(workflow, task);
    // A run that takes over results of another has them in its own journal, too.
    if (recalled?.result && this.#parts.takesOver) {
      this.#writeSoon({
        kind: 'task.ended',
        workflow,
        task,
        result: storeResult(recalled.result, this.#parts.mask).value,
      });
    }
    return recalled;
  }

  recallSagas(
    _runId: string,
    workflow: string,
  ): {readonly steps: readonly RecalledStep[]; readonly compensations: readonly RecalledCompensation[]} {
    return this.#parts.recall.sagas(workflow);
  }

  attemptStarting({workflow, task, attempt}: AttemptKey): MaybeLater<void> {
    return this.#write({kind: 'attempt.started', workflow, task, attempt});
  }

  attemptEnded({workflow, task, attempt}: AttemptKey, outcome: Outcome): void {
    this.#writeSoon({
      kind: 'attempt.ended',
      workflow,
      task,
      attempt,
      outcome: storeOutcome(outcome, this.#parts.mask).value,
    });
  }

  taskEnded({workflow, task}: TaskKey, result: TaskResult): void {
    this.#parts.cache?.ended(workflow, task);
    const {value, lost} = storeResult(result, this.#parts.mask);
    if (lost.length > 0 && this.#parts.journal) {
      this.#parts.warn(
        `task '${task}': a resumed run gets its output without what the journal cannot keep: ${lost[0]}`,
      );
    }
    this.#writeSoon({kind: 'task.ended', workflow, task, result: value, ...(lost.length > 0 && {lost})});
  }

  checkpoint({workflow, task, attempt, id, name, data, stepsEnded}: CheckpointRecord): MaybeLater<void> {
    const {value, lost} = storeValue(data, 'data', this.#parts.mask);
    if (lost[0] !== undefined) throw new Error(`checkpoint '${name}': ${lost[0]}`);
    return this.#write({kind: 'checkpoint', workflow, task, attempt, id, name, data: value, stepsEnded}, 'disk');
  }

  stateSaved({workflow, task, attempt}: AttemptKey, state: Sendable): MaybeLater<void> {
    const {value, lost} = storeValue(state, 'this.state', this.#parts.mask);
    if (lost[0] !== undefined && !this.#incomplete.has(`${workflow}/${task}`)) {
      this.#incomplete.add(`${workflow}/${task}`);
      this.#parts.warn(`task '${task}': a resumed run gets its state without what the journal cannot keep: ${lost[0]}`);
    }
    return this.#write({kind: 'state', workflow, task, attempt, state: value});
  }

  stepStarting({workflow, saga, step, order}: StepRecord): MaybeLater<void> {
    return this.#write({kind: 'step.started', workflow, saga, step, order}, 'disk');
  }

  stepEnded({workflow, saga, step, order}: StepRecord): MaybeLater<void> {
    return this.#write({kind: 'step.ended', workflow, saga, step, order}, 'disk');
  }

  compensationStarting({workflow, saga, participant, attempt}: CompensationKey): MaybeLater<void> {
    return this.#write({kind: 'compensation.started', workflow, saga, participant, attempt}, 'disk');
  }

  compensationEnded(key: CompensationKey, {success, message}: CompensationResult, final: boolean): MaybeLater<void> {
    const {workflow, saga, participant, attempt} = key;
    const about = {
      workflow,
      saga,
      participant,
      attempt,
      success,
      final,
      ...(message !== undefined && {message: this.#parts.mask.text(message)}),
    };
    return this.#write({kind: 'compensation.ended', ...about}, 'disk');
  }

  rolledBack({workflow, task, id}: CheckpointRecord): MaybeLater<void> {
    return this.#write({kind: 'rolled-back', workflow, task, checkpoint: id}, 'disk');
  }

  async lookupCached(inputs: CacheInputs): Promise<CachedResult | undefined> {
    const found = await this.#parts.cache?.lookup(inputs);
    if (!found) return undefined;
    const {result, changes} = found;
    const task = inputs.task.name;
    this.#writeSoon({
      kind: 'cache',
      workflow: inputs.workflow,
      task,
      hit: result !== undefined,
      ...(changes && {changes}),
    });
    return result;
  }

  async keep(inputs: CacheInputs, result: CachedResult): Promise<void> {
    await this.#parts.cache?.keep(inputs, result);
  }

  diskBytes(): MaybeLater<number> {
    const {folder} = this.#parts;
    return folder === undefined ? 0 : folderBytes(folder);
  }

  giveBack(bytes: number): MaybeLater<void> {
    return this.#parts.cache?.giveBack(bytes);
  }

  #write(...[record, durability]: Parameters<RunJournal['add']>): MaybeLater<void> {
    this.#check();
    return this.#parts.journal?.add(record, durability).then(() => this.#check());
  }

  #writeSoon(record: Parameters<RunJournal['add']>[0]): void {
    this.#check();
    void this.#parts.journal?.add(record);
  }

  #check(): void {
    if (this.#failure !== undefined) throw new Error(`the journal cannot be written: ${textOf(this.#failure)}`);
  }
}
