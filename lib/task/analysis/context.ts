import {didYouMean} from '../../util/did-you-mean.js';
import type {Place, Problem} from '../problem.js';
import type {FileDescription, TaskDescription} from '../reading/description.js';

/** What an analysis knows beside the file. */
export interface AnalysisOptions {
  /** Names the workflow of a file that defines only tasks. */
  readonly defaultName: string;
  /** What `values` holds. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** What `--param` gave. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Text of the file and its imports by path: where a parameter may be read, and what lines look like. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  /** `--allow-unsupported`. */
  readonly allowUnsupported?: boolean | undefined;
  /** What the machine has; `resource_limits` come before it. */
  readonly machine?: {readonly cpu: number; readonly memoryBytes: number} | undefined;
}

/** What the parts of an analysis share: the file, names, and where to complain. */
export class AnalysisContext {
  readonly file: FileDescription;
  readonly options: AnalysisOptions;
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #needs = new Map<TaskDescription, readonly TaskDescription[]>();

  constructor(file: FileDescription, options: AnalysisOptions) {
    this.file = file;
    this.options = options;
  }

  problem({file, line}: Place, message: string): void {
    this.problems.push({file, line, message});
  }

  warning({file, line}: Place, message: string): void {
    this.warnings.push({file, line, message});
  }

  /** The tasks of a name, looked up in its group first; undefined when there are none. */
  find(name: string, group: string): readonly TaskDescription[] | undefined {
    const {named} = this.file;
    for (let outer = group; outer !== ''; outer = outer.slice(0, Math.max(outer.lastIndexOf('.'), 0))) {
      const found = named.get(`${outer}.${name}`);
      if (found) return found;
    }
    return named.get(name);
  }

  /** As `find`, and says when there are none. */
  resolve(name: string, group: string, place: Place, subject: string): readonly TaskDescription[] {
    const found = this.find(name, group);
    if (found || name === '?') return found ?? [];
    const guess = didYouMean(name, this.file.named.keys());
    this.problem(place, `${subject} unknown task '${name}'${guess ? ` (did you mean '${guess}'?)` : ''}`);
    return [];
  }

  setNeeds(task: TaskDescription, needs: readonly TaskDescription[]): void {
    this.#needs.set(task, needs);
  }

  /** What a task depends on. */
  needs(task: TaskDescription): readonly TaskDescription[] {
    return this.#needs.get(task) ?? [];
  }
}
