import type {Sendable} from '../sendable.js';

/** Why a task failed. */
export interface Failure {
  /** `condition`: its `abort_if` was true, or a condition of it could not be evaluated. */
  readonly kind: 'error' | 'timeout' | 'deadlock' | 'exit' | 'condition';
  readonly message: string;
  /** Where Lua code was, as Lua prints it. */
  readonly traceback?: string | undefined;
  /** What `os.exit` was called with, or how a command line ended. */
  readonly exitCode?: number | undefined;
}

/**
 * Why a task never started though nobody cancelled it.
 *
 * | reason | meaning |
 * |---|---|
 * | `dependency` | `task` failed or was skipped, and this one needs it |
 * | `condition` | its own `run_if` or `condition` was false |
 * | `branch` | a `when` chose the other branch |
 * | `stage` | its stage was skipped |
 * | `failure` | `task` failed, and after a failure nothing new starts |
 */
export type SkipReason = 'dependency' | 'condition' | 'branch' | 'stage' | 'failure';

/** How one task ended. Every consumer switches on `kind`. */
export type Outcome =
  | {
      readonly kind: 'succeeded';
      /** Its output as data: what is no data in it is its name. */
      readonly value: Sendable;
      readonly message?: string | undefined;
      /** `cache`: restored by its inputs' hash. `journal`: an earlier part of this run had ended it. Missing: it ran. */
      readonly from?: 'cache' | 'journal' | undefined;
      /** What it emitted, where others read that. */
      readonly emitted?: readonly Sendable[] | undefined;
    }
  | {readonly kind: 'failed'; readonly failure: Failure}
  | {
      readonly kind: 'skipped';
      readonly because: SkipReason;
      /** The task that is the reason, where one is. */
      readonly task?: string | undefined;
      /** A sentence: `'build' failed`. */
      readonly reason: string;
    }
  | {readonly kind: 'cancelled'; readonly reason: string};

/** A task's outcome and what surrounds it. */
export interface TaskResult {
  readonly task: string;
  readonly outcome: Outcome;
  /** How often it was tried; 0 for a task that never started. */
  readonly attempts: number;
  /** From its first attempt to its end, waiting between attempts included. 0 for a task that never started. */
  readonly durationMs: number;
  /** Errors of its goroutines that reached nobody; they were printed when they happened. */
  readonly uncaught: number;
}

/** How a stage ended. `succeeded` means that every task of it did. */
export interface StageResult {
  readonly stage: string;
  /** `mixed`: none failed, and not all of them ran. */
  readonly kind: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'mixed';
  /** One of its tasks, or itself, was over time. */
  readonly timedOut: boolean;
  /** Why it was skipped. */
  readonly reason?: string | undefined;
}

/** How one compensation of a saga ended. */
export interface CompensationResult {
  readonly saga: string;
  readonly participant: string;
  readonly success: boolean;
  readonly attempts: number;
  readonly message?: string | undefined;
}

/** How a workflow ended. */
export interface WorkflowResult {
  readonly workflow: string;
  /** True when no task failed or was cancelled. A task that was skipped by its condition is no failure. */
  readonly success: boolean;
  /** A compensation failed, or was not run because `compensation_enabled` is false: somebody has to look at it. */
  readonly needsAttention: boolean;
  /** In the order of the plan. */
  readonly tasks: readonly TaskResult[];
  readonly stages: readonly StageResult[];
  /** In the order in which they were run. */
  readonly compensations: readonly CompensationResult[];
  readonly durationMs: number;
  /** Set when the workflow's own time limit ended it. */
  readonly timedOut: boolean;
  /** What a task called `os.exit` with, if one did. */
  readonly exitCode?: number | undefined;
  /** Uncaught errors of its tasks' and hooks' goroutines. */
  readonly uncaught: number;
}
