import type {Sendable} from '../../sendable.js';
import type {CompensationResult, Outcome, TaskResult, WorkflowResult} from '../outcome.js';
import type {PlannedTask, PlannedWorkflow} from '../plan.js';

/** Nothing to wait for, or a promise. Execution waits only for promises. */
export type MaybeLater<T> = T | Promise<T>;

/** A task of a run. */
export interface TaskKey {
  readonly runId: string;
  readonly workflow: string;
  readonly task: string;
}

/** One attempt of a task. */
export interface AttemptKey extends TaskKey {
  /** From 1. */
  readonly attempt: number;
}

/** What a task saved by `task.checkpoint`. */
export interface CheckpointRecord extends AttemptKey {
  readonly id: string;
  readonly name: string;
  readonly data: Sendable;
  /** In ms since 1970. */
  readonly at: number;
  /** How many steps had ended by then: `rollback.execute` undoes those that ended later. */
  readonly stepsEnded: number;
}

/** What an earlier part of this run left of a task. */
export interface RecalledTask {
  /** Set when it ended then: it does not run again. */
  readonly result?: TaskResult | undefined;
  /** Set when it ran when the run was cut off: that attempt begins anew, with its number and idempotency key. */
  readonly interruptedAttempt?: number | undefined;
  /** Its latest checkpoint. */
  readonly checkpoint?: CheckpointRecord | undefined;
  /** What `this.state` held when it was last saved. */
  readonly state?: Sendable;
  /** How often what it did was undone: each time its idempotency key becomes another one. */
  readonly undone?: number | undefined;
}

/** What is known of a compensation that an earlier part of this run began. */
export interface RecalledCompensation {
  readonly saga: string;
  readonly participant: string;
  readonly done: boolean;
  readonly attempts: number;
}

/** A compensation that runs. */
export interface CompensationKey {
  readonly runId: string;
  readonly workflow: string;
  readonly saga: string;
  readonly participant: string;
  /** From 1. */
  readonly attempt: number;
}

/** A step with a saga that began or ended, in the order of the run. */
export interface StepRecord {
  readonly runId: string;
  readonly workflow: string;
  readonly saga: string;
  /** `task:build`, `stage:deploy`, `workflow:nightly`. */
  readonly step: string;
  /** Counted through the run, from 1. */
  readonly order: number;
}

/** A step that an earlier part of this run began. */
export interface RecalledStep extends StepRecord {
  readonly ended: boolean;
}

/** All that decides whether a kept result of a task is still its result. */
export interface CacheInputs {
  readonly workflow: string;
  readonly task: PlannedTask;
  /** After `--param` and placeholders. */
  readonly params: Readonly<Record<string, Sendable>>;
  /** Outputs of those it depends on, as data. */
  readonly dependencies: Readonly<Record<string, Sendable>>;
  /** The environment of its commands: what its `env` names and sets. */
  readonly env: Readonly<Record<string, string>>;
  /** What the global `values` holds. */
  readonly values: Readonly<Record<string, Sendable>>;
  /** Absolute. */
  readonly workdir: string;
  /** The text of its function and of those it captured, or its command line. */
  readonly source: string;
  /** Of a function: the files it and what it calls may stand in, by path. Empty for a command line. */
  readonly files: ReadonlyMap<string, string>;
  /** What `cache{key = ...}` came to. */
  readonly key?: string | undefined;
}

/** A result that was kept. */
export interface CachedResult {
  readonly value: Sendable;
  readonly message?: string | undefined;
  /** What it emitted then, where others read that. */
  readonly emitted?: readonly Sendable[] | undefined;
  /** What it wrote then, in order. */
  readonly log: readonly {readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array}[];
}

/**
 * Where execution writes down what it does, and asks what was done. The journal and the cache stand behind it; with
 * {@link noStore} nothing is kept. What a method has promised is on disk when its promise resolves, and execution goes
 * on only then. A method that throws ends the run.
 */
export interface ExecutionStore {
  /** Once, before anything else of the run. */
  runStarting(run: {
    readonly runId: string;
    readonly file: string;
    readonly workflows: readonly string[];
  }): MaybeLater<void>;
  /** Before its first task. */
  workflowStarting(runId: string, workflow: PlannedWorkflow): MaybeLater<void>;
  /** After its last task, compensation and hook. */
  workflowEnded(runId: string, result: WorkflowResult): MaybeLater<void>;
  /** What is known of a task, asked once before it may start. */
  recall(key: TaskKey): MaybeLater<RecalledTask | undefined>;
  /** Steps with a saga that an earlier part of this run began, and compensations it ran. */
  recallSagas(
    runId: string,
    workflow: string,
  ): MaybeLater<{
    readonly steps: readonly RecalledStep[];
    readonly compensations: readonly RecalledCompensation[];
  }>;
  /** Before an attempt begins. */
  attemptStarting(key: AttemptKey): MaybeLater<void>;
  /** However it went. */
  attemptEnded(key: AttemptKey, outcome: Outcome): MaybeLater<void>;
  /** Its end, whatever it was; those that need it start only after this. */
  taskEnded(key: TaskKey, result: TaskResult): MaybeLater<void>;
  /** Replaces an earlier one of that task and name. */
  checkpoint(record: CheckpointRecord): MaybeLater<void>;
  /** `this.state` of a running task, every `checkpoint_interval`. */
  stateSaved(key: AttemptKey, state: Sendable): MaybeLater<void>;
  /** Before a step that can be undone begins. */
  stepStarting(record: StepRecord): MaybeLater<void>;
  /** It is done, and what comes later may have it undone. */
  stepEnded(record: StepRecord): MaybeLater<void>;
  /** Before an attempt of a compensation. */
  compensationStarting(key: CompensationKey): MaybeLater<void>;
  /** After an attempt of a compensation; `final` when no other follows. */
  compensationEnded(key: CompensationKey, result: CompensationResult, final: boolean): MaybeLater<void>;
  /** The run goes on from this checkpoint when it is resumed. */
  rolledBack(record: CheckpointRecord): MaybeLater<void>;
  /** A kept result, its files restored. */
  lookupCached(inputs: CacheInputs): MaybeLater<CachedResult | undefined>;
  /** Keeps a result, with the files it made. */
  keep(inputs: CacheInputs, result: CachedResult): MaybeLater<void>;
  /** All it keeps on disk, kept results included, in bytes. Asked only where there is a limit. */
  diskBytes(): MaybeLater<number>;
  /** Lets go of kept results, those unused for longest first, until so many bytes are free or none is left. */
  giveBack(bytes: number): MaybeLater<void>;
}

/** Keeps nothing and remembers nothing: `--no-journal`, and no cache. */
export const noStore: ExecutionStore = {
  runStarting: nothing,
  workflowStarting: nothing,
  workflowEnded: nothing,
  recall: nothing,
  recallSagas: () => ({steps: [], compensations: []}),
  attemptStarting: nothing,
  attemptEnded: nothing,
  taskEnded: nothing,
  checkpoint: nothing,
  stateSaved: nothing,
  stepStarting: nothing,
  stepEnded: nothing,
  compensationStarting: nothing,
  compensationEnded: nothing,
  rolledBack: nothing,
  lookupCached: nothing,
  keep: nothing,
  diskBytes: () => 0,
  giveBack: nothing,
};

function nothing(): undefined {
  return undefined;
}
