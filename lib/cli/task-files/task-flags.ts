import type {OutputMode} from '../output/output-view.js';

/** The flags that every command about a task file takes, as they were given. */
export interface TaskFileFlags {
  readonly workflow?: string | undefined;
  /** `a.b=text` or `a.b:=json`. */
  readonly set: readonly string[];
  /** `name=text` or `name:=json`. */
  readonly param: readonly string[];
  /** Paths of YAML or JSON files. */
  readonly values: readonly string[];
  /** Paths of YAML or JSON files. */
  readonly secrets: readonly string[];
  /** A Lua or YAML file. */
  readonly config?: string | undefined;
  readonly allowUnsupported: boolean;
}

/** The flags of `run` for task files. */
export interface TaskRunFlags extends TaskFileFlags {
  readonly tasks: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly output?: OutputMode | undefined;
  readonly maxConcurrency?: number | undefined;
  readonly keepTemp: boolean;
  /** `true`: the latest run. */
  readonly resume?: string | true | undefined;
  readonly from?: string | undefined;
  readonly only?: string | undefined;
  readonly rerunFailed: boolean;
  readonly withCurrentCode: boolean;
  readonly journal: boolean;
}

/** Nothing was given. */
export const noTaskFileFlags: TaskFileFlags = {set: [], param: [], values: [], secrets: [], allowUnsupported: false};
