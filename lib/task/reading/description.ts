import type {Sendable} from '../../sendable.js';
import type {Place} from '../problem.js';
import type {Settings} from '../schema/keys.js';
import type {runnerConfigKeys} from '../schema/runner-config-keys.js';
import type {taskKeys} from '../schema/task-keys.js';
import type {stageKeys, workflowKeys} from '../schema/workflow-keys.js';

export type TaskSettings = Settings<typeof taskKeys>;
export type WorkflowSettings = Settings<typeof workflowKeys>;
export type StageSettings = Settings<typeof stageKeys>;
export type RunnerConfig = Settings<typeof runnerConfigKeys>;

/** A task as its file defined it, each setting judged by itself; not checked against the others. */
export interface TaskDescription extends Place {
  readonly name: string;
  /** What it is called inside its stage or group, or without the values of its matrix. */
  readonly shortName: string;
  /** Its group, or ''. */
  readonly group: string;
  readonly settings: TaskSettings;
  /** Where each key was said last. */
  readonly places: ReadonlyMap<string, Place>;
  /** What its matrix gave it: merged over its params. */
  readonly matrix: Readonly<Record<string, unknown>> | undefined;
}

/** One entry of a list of tasks, in its place. Every consumer switches on `kind`. */
export type TaskItem =
  /** By identity: one task, all of a group or of a matrix. */
  | ({readonly kind: 'tasks'; readonly tasks: readonly TaskDescription[]} & Place)
  /** By name; `group` is where the name is looked up first. */
  | ({readonly kind: 'name'; readonly name: string; readonly group: string} & Place)
  /** One after the other. */
  | ({readonly kind: 'chain'; readonly items: readonly TaskItem[]} & Place)
  | ({readonly kind: 'parallel'; readonly items: readonly TaskItem[]; readonly options: ParallelOptions} & Place)
  | WhenItem;

/** Two branches of which one runs. */
export interface WhenItem extends Place {
  readonly kind: 'when';
  readonly id: number;
  readonly condition: string;
  readonly whenTrue: readonly TaskItem[];
  readonly whenFalse: readonly TaskItem[];
}

export interface ParallelOptions {
  readonly maxWorkers?: number | undefined;
  readonly failFast?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A stage as its workflow defined it. */
export interface StageDescription extends Place {
  readonly name: string;
  readonly settings: StageSettings;
  readonly places: ReadonlyMap<string, Place>;
  readonly items: readonly TaskItem[];
  /** What its `condition` is, where that is a `when`. */
  readonly when: WhenItem | undefined;
}

/** A workflow as its file defined it. */
export interface WorkflowDescription extends Place {
  readonly name: string;
  readonly settings: WorkflowSettings;
  readonly places: ReadonlyMap<string, Place>;
  /** What `tasks` says. */
  readonly items: readonly TaskItem[];
  readonly stages: readonly StageDescription[];
}

/** All that one task file and its imports defined. */
export interface FileDescription {
  readonly tasks: readonly TaskDescription[];
  /** Tasks and groups by every name they are known by. */
  readonly named: ReadonlyMap<string, readonly TaskDescription[]>;
  /** Conditions of tasks that are a `when`, by task. */
  readonly whens: ReadonlyMap<TaskDescription, readonly WhenItem[]>;
  readonly workflows: readonly WorkflowDescription[];
  readonly config: RunnerConfig;
  readonly configPlaces: ReadonlyMap<string, Place>;
  /** What `runner_config` holds as data, as it was written. */
  readonly configAsWritten: Readonly<Record<string, Sendable>>;
  /** Paths of imported files. */
  readonly imports: readonly string[];
}
