import type {Change} from '../cache/ingredient.js';
import type {StoredValue} from './stored-value.js';

/** How a run was asked for, so that it can be gone on with. */
export interface RunSettings {
  /** The task file, relative to the folder that `.sloth` is in. */
  readonly file: string;
  /** The workflow that was picked. */
  readonly workflow?: string | undefined;
  /** The tasks that were picked. */
  readonly tasks: readonly string[];
  /** `--param`, as given. */
  readonly params: readonly string[];
  /** `--set`, as given. */
  readonly set: readonly string[];
  /** Paths of `--values`, absolute. */
  readonly values: readonly string[];
  /** Paths of `--secrets`, absolute; missing in runs of earlier versions. */
  readonly secrets?: readonly string[] | undefined;
  readonly config?: string | undefined;
  /** `--stack`, as given. */
  readonly stack?: string | undefined;
}

/** What a definition was when a run began: digests of the files it comes from and of each of its tasks. */
export interface DefinitionPrint {
  /** By path, relative to the folder that `.sloth` is in. */
  readonly files: Readonly<Record<string, string>>;
  /** By `workflow/task`. */
  readonly tasks: Readonly<Record<string, string>>;
}

/** Where a task stands in its workflow. */
export interface JournaledTask {
  readonly name: string;
  readonly stage?: string | undefined;
  /** What it depends on. */
  readonly needs: readonly string[];
}

interface OfTask {
  readonly workflow: string;
  readonly task: string;
}

interface OfSaga {
  readonly workflow: string;
  readonly saga: string;
}

/** What happened, as the journal keeps it. Values are as {@link storeValue} makes them. */
export type RunRecordBody =
  | {
      readonly kind: 'run.started' | 'run.resumed';
      readonly version: number;
      readonly pid: number;
      readonly settings: RunSettings;
      readonly definition: DefinitionPrint;
      /** The run whose results this one takes over. */
      readonly basedOn?: string | undefined;
    }
  | {readonly kind: 'workflow.started'; readonly workflow: string; readonly tasks: readonly JournaledTask[]}
  | {
      readonly kind: 'workflow.ended';
      readonly workflow: string;
      readonly success: boolean;
      readonly needsAttention: boolean;
      readonly timedOut: boolean;
      readonly durationMs: number;
    }
  | ({readonly kind: 'attempt.started'; readonly attempt: number} & OfTask)
  | ({readonly kind: 'attempt.ended'; readonly attempt: number; readonly outcome: StoredValue} & OfTask)
  | ({
      readonly kind: 'task.ended';
      readonly result: StoredValue;
      /** What of its output could not be kept. */
      readonly lost?: readonly string[] | undefined;
    } & OfTask)
  | ({
      readonly kind: 'cache';
      readonly hit: boolean;
      /** What changed since the last result that was kept; missing while there was none. */
      readonly changes?: readonly Change[] | undefined;
    } & OfTask)
  | ({
      readonly kind: 'checkpoint';
      readonly attempt: number;
      readonly id: string;
      readonly name: string;
      readonly data: StoredValue;
      readonly stepsEnded: number;
    } & OfTask)
  | ({readonly kind: 'state'; readonly attempt: number; readonly state: StoredValue} & OfTask)
  | ({readonly kind: 'step.started' | 'step.ended'; readonly step: string; readonly order: number} & OfSaga)
  | ({readonly kind: 'compensation.started'; readonly participant: string; readonly attempt: number} & OfSaga)
  | ({
      readonly kind: 'compensation.ended';
      readonly participant: string;
      readonly attempt: number;
      readonly success: boolean;
      readonly final: boolean;
      readonly message?: string | undefined;
    } & OfSaga)
  | {readonly kind: 'rolled-back'; readonly workflow: string; readonly task: string; readonly checkpoint: string}
  | {readonly kind: 'run.ended'; readonly state: EndState};

/** How a run ended. */
export type EndState = 'succeeded' | 'failed' | 'cancelled' | 'needs attention';

/** A record with its time, ms since 1970. */
export type RunRecord = RunRecordBody & {readonly at: number};

/** Later checkpoints and saved states of a task replace earlier ones. */
export function slotOf(record: {readonly kind: string}): string | undefined {
  const one = record as RunRecord;
  if (one.kind === 'state') return JSON.stringify(['state', one.workflow, one.task]);
  if (one.kind === 'checkpoint') return JSON.stringify(['checkpoint', one.workflow, one.task, one.name]);
  return undefined;
}
