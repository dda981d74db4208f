import type {TaskResult, WorkflowResult} from './outcome.js';
import type {Problem} from './problem.js';

/** What happens while a task file runs, in order. Every consumer switches on `kind`. */
export type TaskEvent =
  | {readonly kind: 'warning'; readonly problem: Problem}
  | {readonly kind: 'workflow-started'; readonly workflow: string; readonly tasks: readonly string[]}
  | {readonly kind: 'task-started'; readonly workflow: string; readonly task: string}
  | {
      readonly kind: 'task-output';
      readonly workflow: string;
      readonly task: string;
      readonly stream: 'stdout' | 'stderr';
      readonly bytes: Uint8Array;
    }
  | {readonly kind: 'task-ended'; readonly workflow: string; readonly result: TaskResult}
  | {
      readonly kind: 'hook-failed';
      readonly workflow: string;
      readonly hook: 'on_start' | 'on_complete';
      readonly message: string;
      readonly traceback?: string | undefined;
    }
  | {readonly kind: 'workflow-ended'; readonly result: WorkflowResult}
  /** One before it failed, so it does not run. */
  | {readonly kind: 'workflow-skipped'; readonly workflow: string};

/** Takes events; must not throw. */
export type EventListener = (event: TaskEvent) => void;
