import {SlothError} from '../../errors.js';
import {definitionChanges} from '../../task/journal/definition-print.js';
import type {Journal, RunBeginning, RunJournal} from '../../task/journal/journal.js';
import {type Recall, recallNothing, recallResults, recallRun} from '../../task/journal/recall.js';
import type {RunHistory} from '../../task/journal/run-history.js';
import type {DefinitionPrint, RunSettings} from '../../task/journal/run-records.js';
import type {Plan} from '../../task/plan.js';
import type {TaskRunFlags} from './task-flags.js';

/** A run that is about to begin or to go on. */
export interface ChosenRun {
  readonly journal: RunJournal;
  readonly recall: Recall;
  readonly resumed: boolean;
  /** Whether what is recalled are results of another run. */
  readonly takesOver: boolean;
}

/** What a run is chosen by. */
export interface RunChoice {
  readonly journal: Journal;
  readonly flags: TaskRunFlags;
  readonly plan: Plan;
  readonly settings: RunSettings;
  readonly definition: DefinitionPrint;
  readonly onFailure: (error: unknown) => void;
  /** The secrets that tasks handed on, by their names; throws for one that cannot be found. */
  readonly findSecret: (name: string) => string;
}

/**
 * Begins a new run, goes on with one (`--resume`), or begins one that takes over results of another (`--from`, `--only`,
 * `--rerun-failed`).
 *
 * @throws SlothError `E_VALUE` when there is nothing to go on with, or the definition changed since.
 */
export async function chooseRun(choice: RunChoice): Promise<ChosenRun> {
  const {journal, flags, settings, definition, onFailure} = choice;
  const beginning: RunBeginning = {settings, definition, onFailure};
  if (isDerived(flags)) {
    const base = earlierRun(choice);
    const recall = recallResults(base, reuseOf(choice, base));
    return {journal: await journal.begin({...beginning, basedOn: base.id}), recall, resumed: false, takesOver: true};
  }
  if (flags.resume === undefined)
    return {journal: await journal.begin(beginning), recall: recallNothing, resumed: false, takesOver: false};
  const run = earlierRun(choice);
  if (journal.stateOf(run) === 'succeeded') {
    throw new SlothError('E_VALUE', `run ${run.id} succeeded: there is nothing to go on with`);
  }
  return {journal: await journal.resume(run.id, beginning), recall: recallRun(run), resumed: true, takesOver: false};
}

/** Whether results of an earlier run are taken over into a new one. */
export function isDerived({from, only, rerunFailed}: TaskRunFlags): boolean {
  return from !== undefined || only !== undefined || rerunFailed;
}

function earlierRun({journal, flags, settings, definition, findSecret}: RunChoice): RunHistory {
  const {resume, withCurrentCode} = flags;
  const id = typeof resume === 'string' ? journal.find(resume) : latestOf(journal, settings.file);
  const run = journal.read(id, findSecret);
  if (run.settings.file !== settings.file) {
    throw new SlothError('E_VALUE', `run ${id} is one of ${run.settings.file}, not of ${settings.file}`);
  }
  const changes = definitionChanges(run.definition, definition);
  if (changes.length > 0 && !withCurrentCode) {
    throw new SlothError(
      'E_VALUE',
      `${settings.file} has changed since run ${id}: ${changes.join('; ')}. --with-current-code goes on with what it is now`,
    );
  }
  return run;
}

// The latest run of this file: others may share the folder.
function latestOf(journal: Journal, file: string): string {
  const found = journal.list(Number.POSITIVE_INFINITY).find(({settings}) => settings?.file === file);
  if (!found) throw new SlothError('E_VALUE', `${file} has no run to go on with`);
  return found.id;
}

function reuseOf({flags, plan}: RunChoice, base: RunHistory): (workflow: string, task: string) => boolean {
  const {from, only} = flags;
  if (only !== undefined) {
    checkReusable(plan, base, only);
    return (_workflow, task) => task !== only;
  }
  if (from === undefined) return () => true;
  const again = new Map(plan.workflows.map(({name, tasks}) => [name, downstream(tasks, from)]));
  return (workflow, task) => !again.get(workflow)?.has(task);
}

// What `--only` needs must be there: nothing else runs.
function checkReusable(plan: Plan, base: RunHistory, only: string): void {
  for (const {name, tasks} of plan.workflows) {
    for (const need of tasks.filter((task) => task.name !== only)) {
      const result = base.workflows.get(name)?.tasks.get(need.name)?.result;
      if (result?.outcome.kind === 'succeeded') continue;
      throw new SlothError(
        'E_VALUE',
        `--only ${only}: it needs '${need.name}', which did not succeed in run ${base.id}; run it first, or use --from`,
      );
    }
  }
}

function downstream(
  tasks: readonly {readonly name: string; readonly dependsOn: readonly string[]}[],
  from: string,
): ReadonlySet<string> {
  const found = new Set([from]);
  // Dependencies come first.
  for (const {name, dependsOn} of tasks) if (dependsOn.some((need) => found.has(need))) found.add(name);
  return found;
}
