import type {Sendable} from '../../sendable.js';
import type {DefinedFunction} from '../defined-function.js';
import type {EventBody} from '../events.js';
import type {ResourceLimit, RunnerSettings} from '../plan.js';
import type {FunctionCaller} from './call-function.js';
import type {Circuit} from './circuit.js';
import type {Clock} from './clock.js';
import type {DiskLimit} from './disk-limit.js';
import type {ExecutionStore} from './execution-store.js';
import type {runCommand} from './run-command.js';

/** What every workflow of one run shares. */
export interface RunContext {
  readonly runId: string;
  /** Where relative paths of the task file begin. */
  readonly folder: string;
  /** Where commands run that say nothing else. */
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly values: Readonly<Record<string, Sendable>>;
  /** What `--param` gave. */
  readonly params: Readonly<Record<string, Sendable>>;
  /** Cancels what runs and what would. */
  readonly signal: AbortSignal;
  /** What it answers to output is what whoever wrote it waits for. */
  readonly emit: (event: EventBody) => unknown;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly store: ExecutionStore;
  readonly caller: FunctionCaller;
  readonly settings: RunnerSettings;
  /** Tasks that may run at a time, unless the workflow says it. */
  readonly maxParallel: number;
  readonly machine: {readonly cpu: number; readonly memoryBytes: number};
  /** The first failure cancels the others. */
  readonly failFast: boolean;
  /** Temporary folders stay. */
  readonly keepTemp: boolean;
  /** Breakers by name, for all workflows. */
  readonly circuits: Map<string, Circuit>;
  /** Limits all of Lua, within what the runner allows, from now on. */
  readonly limitLua: (limit: ResourceLimit) => void;
  /** Missing: what tasks keep on disk is not limited. */
  readonly disk?: DiskLimit | undefined;
  /** How command lines run. */
  readonly runCommand: typeof runCommand;
  /** The text of a function, for the hash of its task. */
  readonly sourceOf: (fn: DefinedFunction) => string;
  /** Text of the file and its imports, by path. */
  readonly sources: ReadonlyMap<string, string>;
  /** How long the longest way through a task and what comes after it takes, by recorded times: later first. */
  readonly rankOf?: ((workflow: string, task: string) => number) | undefined;
}
