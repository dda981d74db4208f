import type {Sendable} from '../sendable.js';

/** Why a task failed. */
export interface Failure {
  readonly kind: 'error' | 'timeout' | 'deadlock' | 'exit';
  readonly message: string;
  /** Where Lua code was, as Lua prints it. */
  readonly traceback?: string | undefined;
  /** What `os.exit` was called with. */
  readonly exitCode?: number | undefined;
}

/** How one task ended. Every consumer switches on `kind`. */
export type Outcome =
  | {readonly kind: 'succeeded'; readonly value: Sendable; readonly message?: string | undefined}
  | {readonly kind: 'failed'; readonly failure: Failure}
  | {readonly kind: 'skipped'; readonly because: 'dependency'; readonly task: string}
  | {readonly kind: 'cancelled'};

/** A task's outcome and what surrounds it. */
export interface TaskResult {
  readonly task: string;
  readonly outcome: Outcome;
  /** 0 for a task that never started. */
  readonly durationMs: number;
  /** Errors of its goroutines that reached nobody; they were printed when they happened. */
  readonly uncaught: number;
}

/** How a workflow ended. */
export interface WorkflowResult {
  readonly workflow: string;
  /** True when every task succeeded. */
  readonly success: boolean;
  /** In the order of the plan. */
  readonly tasks: readonly TaskResult[];
  readonly durationMs: number;
  /** Set when the workflow's own time limit ended it. */
  readonly timedOut: boolean;
  /** What a task called `os.exit` with, if one did. */
  readonly exitCode?: number | undefined;
  /** Uncaught errors of its tasks' and hooks' goroutines. */
  readonly uncaught: number;
}
