import type {LuaFunction} from '../lua-function.js';

/** What a task does when it runs. */
export type Action =
  | {readonly kind: 'function'; readonly body: LuaFunction; readonly takes: 'this' | 'params' | 'ctx'}
  | {readonly kind: 'shell'; readonly command: string}
  | {readonly kind: 'none'};

/** A task that is ready to be run: everything it names exists. */
export interface PlannedTask {
  readonly name: string;
  readonly description: string | undefined;
  readonly dependsOn: readonly string[];
  /** For one attempt. */
  readonly timeoutMs: number | undefined;
  readonly action: Action;
}

/** A workflow that is ready to be run. */
export interface PlannedWorkflow {
  readonly name: string;
  readonly description: string | undefined;
  readonly version: string | undefined;
  /** Each after those it depends on, else in order of definition. */
  readonly tasks: readonly PlannedTask[];
  readonly timeoutMs: number | undefined;
  readonly maxParallel: number | undefined;
  /** One failure cancels the others. */
  readonly failFast: boolean;
  readonly onStart: LuaFunction | undefined;
  readonly onComplete: LuaFunction | undefined;
}

/** What a task file does, in order. */
export interface Plan {
  readonly workflows: readonly PlannedWorkflow[];
}
