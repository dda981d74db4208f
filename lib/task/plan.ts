import type {Sendable} from '../sendable.js';
import type {Condition} from './conditions/condition.js';
import type {DefinedFunction} from './defined-function.js';
import type {Place} from './problem.js';
import type {Template} from './templates/template.js';

/** What a task does when it runs. */
export type Action =
  | {readonly kind: 'function'; readonly body: DefinedFunction}
  | {readonly kind: 'shell'; readonly command: Template}
  /** Waits for what it depends on, and that is all. */
  | {readonly kind: 'none'};

/** When and how often a failed attempt is followed by another. */
export interface RetryPolicy {
  /** Attempts in all, the first included; at least 1. */
  readonly maxAttempts: number;
  /** `fixed` d, d, d; `linear` d, 2d, 3d; `exponential` d, d times multiplier, ... */
  readonly strategy: 'fixed' | 'linear' | 'exponential';
  readonly delayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** 0.2 is plus or minus 20 %. */
  readonly jitter: number;
}

/** Something that answers true or false before a task starts. */
export type Guard =
  | {readonly kind: 'function'; readonly fn: DefinedFunction}
  /** True when the command line ends with 0. */
  | {readonly kind: 'shell'; readonly command: Template}
  | {readonly kind: 'expression'; readonly condition: Condition};

/** A hook, and what it is called in reports. */
export interface Hook {
  readonly name: string;
  readonly run:
    | {readonly kind: 'function'; readonly fn: DefinedFunction}
    | {readonly kind: 'shell'; readonly command: Template};
  /** `context` for one of a `hooks` table with a name: it gets the context alone. `event`: what the event gives. */
  readonly takes: 'event' | 'context';
}

export const taskHooks = ['pre_hook', 'post_hook', 'on_success', 'on_failure', 'on_timeout', 'on_skip'] as const;
/** The events of a task that call hooks. */
export type TaskHookName = (typeof taskHooks)[number];
export const workflowHooks = ['on_start', 'on_complete', 'on_success', 'on_failure'] as const;
/** The events of a workflow that call hooks. */
export type WorkflowHookName = (typeof workflowHooks)[number];

/** Hooks by the event that calls them. */
export type Hooks<Name extends string> = Readonly<Partial<Record<Name, readonly Hook[]>>>;

/** As `flow.circuit_breaker` takes it. */
export interface CircuitOptions {
  readonly failureThreshold: number;
  readonly recoveryMs: number;
  readonly halfOpenRequests: number;
}

/** What a task asks of the machine. Missing: nothing. */
export interface ResourceRequest {
  /** In cores: 0.5 for `500m`. */
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

/** What a task may not exceed. Missing: no limit. */
export interface ResourceLimit {
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

/** Files that a task takes over from another, or from whichever offers them. */
export interface Consumed extends Place {
  /** Missing: from any task it depends on. */
  readonly task?: string | undefined;
  /** A glob, relative to the workdir of the task that made them. Missing: all it offers. */
  readonly pattern?: string | undefined;
}

/** How a task's result is kept by the hash of its inputs. */
export interface CachePolicy {
  /** `false`: never, whatever `optimization_level` says. */
  readonly enabled: boolean;
  /** It was said that its result may be kept: by `cache` or `inputs`. */
  readonly asked: boolean;
  /** Globs of files it reads, relative to its workdir. */
  readonly inputs: readonly string[];
  /** Globs of files it makes, kept and restored with its result. */
  readonly outputs: readonly string[];
  /** Names of environment variables that are part of the hash. */
  readonly env: readonly string[];
  /** A kept result is not used any more after this time. */
  readonly ttlMs?: number | undefined;
  /** A text of the author's that is part of the hash. */
  readonly key?: Template | undefined;
}

/** One side of a compensation: whom it undoes, and how. */
export interface Participant {
  readonly name: string;
  /** Missing: nothing to undo, of which a warning told. */
  readonly compensation: DefinedFunction | undefined;
}

/** What is undone when a step fails. */
export interface Saga extends Place {
  /** `coordinator`, else the name of its step. Sagas of one run with one name are undone as one. */
  readonly name: string;
  readonly participants: readonly Participant[];
}

/** A task runs only when this condition comes out as `when`. Several tasks may hang on one branch, by `id`. */
export interface Branch {
  readonly id: number;
  readonly condition: Condition;
  readonly when: boolean;
}

/** A task that is ready to be run: everything it names exists. */
export interface PlannedTask extends Place {
  readonly name: string;
  /** The name of its stage; missing for one that is only pulled in, and in workflows without stages. */
  readonly stage: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Higher first. */
  readonly priority: number;
  /** Those that must have succeeded. */
  readonly dependsOn: readonly string[];
  /** Those before it in a chain: they must have succeeded, or been passed over by a condition or branch. */
  readonly after: readonly string[];
  /** Those that must have ended, however. */
  readonly follows: readonly string[];
  /** All must hold. */
  readonly branches: readonly Branch[];
  readonly action: Action;
  /** For one attempt. */
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy;
  /** All must be true for it to run. */
  readonly runIf: readonly Guard[];
  /** One that is true fails it. */
  readonly abortIf: readonly Guard[];
  readonly hooks: Hooks<TaskHookName>;
  /** Later stages need not wait for it. */
  readonly background: boolean;
  readonly circuit: CircuitOptions | undefined;
  /** Starts per second. */
  readonly rateLimit: number | undefined;
  readonly request: ResourceRequest;
  readonly limit: ResourceLimit;
  /** As written; filled in when it starts, relative to the file. */
  readonly workdir: Template | undefined;
  readonly env: Readonly<Record<string, Template>>;
  readonly user: string | undefined;
  /** `--param` is merged over them. Strings may have placeholders. */
  readonly params: Readonly<Record<string, Sendable>>;
  readonly consumes: readonly Consumed[];
  /** Those of `dependsOn` with which it starts, to read what they emit. */
  readonly streams: readonly string[];
  /** Globs, relative to its workdir. */
  readonly artifacts: readonly string[];
  /** Merged into its output. */
  readonly outputs: Readonly<Record<string, Sendable>>;
  readonly cache: CachePolicy;
  readonly saga: Saga | undefined;
}

/** Whether a stage runs, and what runs before it. */
export interface StageCondition {
  readonly condition: Condition;
  /** Run first when it is true. */
  readonly whenTrue: readonly string[];
  /** Run instead of the stage when it is false. */
  readonly whenFalse: readonly string[];
}

/** What happens to others after a task failed. */
export type FailureMode = 'no-new' | 'continue' | 'kill';

/** Tasks that run between two others. */
export interface PlannedStage extends Place {
  readonly name: string;
  /** Names of its tasks, those of all its branches included. */
  readonly tasks: readonly string[];
  readonly condition: StageCondition | undefined;
  readonly failureMode: FailureMode | undefined;
  readonly maxWorkers: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly saga: Saga | undefined;
}

/** What a name in a condition stands for. */
export type Subject =
  | {readonly kind: 'stage'; readonly stage: string}
  | {readonly kind: 'tasks'; readonly tasks: readonly string[]};

/** A workflow that is ready to be run. */
export interface PlannedWorkflow extends Place {
  readonly name: string;
  readonly description: string | undefined;
  readonly version: string | undefined;
  /** Each after those it depends on, else in order of definition. */
  readonly tasks: readonly PlannedTask[];
  /** In the order in which they run. A workflow without stages has one without a name: ''. */
  readonly stages: readonly PlannedStage[];
  readonly timeoutMs: number | undefined;
  readonly maxParallel: number | undefined;
  readonly failureMode: FailureMode | undefined;
  readonly hooks: Hooks<WorkflowHookName>;
  /** `error_handling.on_failure`. */
  readonly errorHandlers: readonly Hook[];
  readonly saga: Saga | undefined;
  readonly request: ResourceRequest;
  /** For all of Lua while it runs; the memory also for each command line of a task that has no limit of its own. */
  readonly limit: ResourceLimit;
  readonly workdir: Template | undefined;
  /** What the names in its conditions stand for. */
  readonly subjects: ReadonlyMap<string, Subject>;
  /** Whether temporary folders are removed at its end: always, or unless it failed. */
  readonly cleanup: 'always' | 'after-success' | 'never';
}

/** By kind of what modules do: all of it, nothing, or what is named. What is missing is not limited. */
export type PermissionLimits = {
  readonly [Kind in 'exec' | 'read' | 'write' | 'net' | 'env']?: boolean | readonly string[] | undefined;
};

/** What `runner_config` and `--config` come to. Missing: as the engine decides. */
export interface RunnerSettings {
  readonly maxConcurrency?: number | undefined;
  readonly dependencyResolution: 'parallel' | 'topological' | 'streaming';
  readonly optimizationLevel: 'none' | 'basic' | 'advanced' | 'aggressive';
  /** false: no journal. */
  readonly statePersistence: boolean;
  readonly enableRollback: boolean;
  readonly compensationEnabled: boolean;
  readonly enableEvents: boolean;
  readonly checkpointIntervalMs?: number | undefined;
  readonly circuitBreakers: Readonly<Record<string, CircuitOptions>>;
  readonly lazyLoading: boolean;
  readonly notifications: Sendable;
  /** All of `runner_config` that is data, as it was written: `utils.config` answers from it. */
  readonly asWritten: Readonly<Record<string, Sendable>>;
  /** What modules may do at most, by kind. */
  readonly permissions?: PermissionLimits | undefined;
  /** What tasks may use together. */
  readonly limits: {
    readonly memoryBytes?: number | undefined;
    readonly cpu?: number | undefined;
    readonly diskBytes?: number | undefined;
    /** Bits a second. */
    readonly networkBandwidth?: number | undefined;
  };
}

/** What a task file does, in order. */
export interface Plan {
  readonly settings: RunnerSettings;
  readonly workflows: readonly PlannedWorkflow[];
}
