import type {Failure, SkipReason, StageResult, TaskResult, WorkflowResult} from './outcome.js';
import type {Problem} from './problem.js';

/** Raised when an event changes so that a reader of the old one would misread it; new kinds and fields do not count. */
export const eventVersion = 1;

/** An event of a workflow. */
export interface OfWorkflow {
  readonly workflow: string;
}

/** An event of a task. */
export interface OfTask extends OfWorkflow {
  readonly task: string;
}

/** An event of a compensation. */
export interface OfCompensation extends OfWorkflow {
  /** The saga's name: its coordinator, else its step. */
  readonly saga: string;
  readonly participant: string;
  readonly attempt: number;
}

/** Every event that a task's end makes; its `kind` is that of the outcome. */
export type TaskEndKind = 'task.succeeded' | 'task.failed' | 'task.skipped' | 'task.cached' | 'task.cancelled';

/** What happens while a task file runs. Every consumer switches on `kind`. */
export type EventBody =
  | {readonly kind: 'warning'; readonly problem: Problem}
  | {
      readonly kind: 'run.started';
      readonly runId: string;
      readonly file: string;
      readonly workflows: readonly string[];
      /** It goes on with an earlier run of that id. */
      readonly resumed: boolean;
    }
  | {readonly kind: 'run.ended'; readonly runId: string; readonly success: boolean; readonly needsAttention: boolean}
  | ({
      readonly kind: 'workflow.started';
      readonly tasks: readonly string[];
      readonly stages: readonly string[];
    } & OfWorkflow)
  | ({readonly kind: 'workflow.completed' | 'workflow.failed'; readonly result: WorkflowResult} & OfWorkflow)
  /** One before it failed, so it does not run. */
  | ({readonly kind: 'workflow.skipped'} & OfWorkflow)
  | ({readonly kind: 'stage.started'; readonly stage: string} & OfWorkflow)
  | ({readonly kind: 'stage.ended'; readonly result: StageResult} & OfWorkflow)
  /** It may start as soon as there is room for it. */
  | ({readonly kind: 'task.ready'} & OfTask)
  /** An attempt begins. */
  | ({readonly kind: 'task.started'; readonly attempt: number; readonly interrupted: boolean} & OfTask)
  /** What its functions, their goroutines and its commands write. */
  | ({readonly kind: 'task.output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array} & OfTask)
  /** An attempt failed, and another follows after the delay. */
  | ({
      readonly kind: 'task.retrying';
      readonly attempt: number;
      readonly delayMs: number;
      readonly failure: Failure;
    } & OfTask)
  | ({readonly kind: TaskEndKind; readonly result: TaskResult} & OfTask)
  | ({readonly kind: 'checkpoint.saved'; readonly checkpoint: string; readonly name: string} & OfTask)
  | ({readonly kind: 'compensation.started'} & OfCompensation)
  | ({readonly kind: 'compensation.done'} & OfCompensation)
  /** `final`: there will be no further attempt, and the run needs attention. */
  | ({readonly kind: 'compensation.failed'; readonly message: string; readonly final: boolean} & OfCompensation)
  /** `compensation_enabled` is false: what would have been undone. */
  | ({readonly kind: 'compensation.omitted'; readonly saga: string; readonly participant: string} & OfWorkflow)
  | ({
      readonly kind: 'rollback.done';
      readonly checkpoint: string;
      /** `saga/participant` of each, newest first. */
      readonly undone: readonly string[];
    } & OfWorkflow)
  | {readonly kind: 'circuit.opened' | 'circuit.closed'; readonly circuit: string}
  | ({
      readonly kind: 'hook.failed';
      /** Missing for a hook of the workflow. */
      readonly task?: string | undefined;
      /** `on_failure`, or the name it was given. */
      readonly hook: string;
      readonly message: string;
      readonly traceback?: string | undefined;
    } & OfWorkflow);

/** An event and when it happened, in ms since 1970. */
export type TaskEvent = EventBody & {readonly at: number};

/**
 * Takes events; must not throw. While a promise that it answers to a `task.output` is pending, functions and commands that write
 * wait.
 */
export type EventListener = (event: TaskEvent) => unknown;

/** Why a task was skipped, for those who read events only. */
export type {SkipReason};
