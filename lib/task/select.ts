import {didYouMean} from '../util/did-you-mean.js';
import type {Plan, PlannedTask, PlannedWorkflow} from './plan.js';
import type {Problem} from './problem.js';

/** What of a task file runs. */
export interface Selection {
  /** `--workflow NAME`. */
  readonly workflow?: string | undefined;
  /** Tasks, with all they need. */
  readonly tasks?: readonly string[] | undefined;
  /** These tasks alone, without what they need. */
  readonly only?: boolean | undefined;
}

/** The part of a plan that was asked for, or what is wrong with the question. */
export function selectFrom(
  plan: Plan,
  {workflow: name, tasks = [], only = false}: Selection,
): Plan | {readonly problems: readonly Problem[]} {
  const {workflows} = plan;
  const chosen = name === undefined ? workflows : workflows.filter((workflow) => workflow.name === name);
  if (chosen.length === 0 && name !== undefined) {
    return {
      problems: [
        unknown(
          'workflow',
          name,
          workflows.map((workflow) => workflow.name),
        ),
      ],
    };
  }
  if (tasks.length === 0) return {...plan, workflows: chosen};
  const known = new Set(
    chosen.flatMap(({subjects, tasks: planned}) => [...subjects.keys(), ...planned.map((task) => task.name)]),
  );
  const problems = tasks.filter((task) => !known.has(task)).map((task) => unknown('task', task, known));
  if (problems.length > 0) return {problems};
  const narrowed = chosen
    .map((workflow) => narrow(workflow, namesIn(workflow, tasks), only))
    .filter(({tasks: left}) => left.length > 0);
  return {...plan, workflows: narrowed};
}

function unknown(kind: string, name: string, candidates: Iterable<string>): Problem {
  const guess = didYouMean(name, candidates);
  return {
    file: 'command line',
    line: 0,
    message: `unknown ${kind} '${name}'${guess ? ` (did you mean '${guess}'?)` : ''}`,
  };
}

// Names of groups, matrices and stages stand for their tasks.
function namesIn({subjects, tasks, stages}: PlannedWorkflow, names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((name) => {
      const subject = subjects.get(name);
      if (subject?.kind === 'tasks') return subject.tasks;
      if (subject?.kind === 'stage') return stages.find((stage) => stage.name === subject.stage)?.tasks ?? [];
      return tasks.some((task) => task.name === name) ? [name] : [];
    }),
  );
}

// Conditions over what does not run any more are gone with it: who names a task wants it to run.
function narrow(workflow: PlannedWorkflow, names: ReadonlySet<string>, only: boolean): PlannedWorkflow {
  const byName = new Map(workflow.tasks.map((task) => [task.name, task]));
  const kept = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (kept.has(name)) continue;
    kept.add(name);
    if (!only) pending.push(...(byName.get(name)?.dependsOn ?? []));
  }
  const isKept = (name: string): boolean => kept.has(name);
  const tasks = workflow.tasks
    .filter(({name}) => isKept(name))
    .map(
      (task): PlannedTask => ({
        ...task,
        stage: undefined,
        dependsOn: task.dependsOn.filter(isKept),
        after: task.after.filter(isKept),
        follows: task.follows.filter(isKept),
        streams: task.streams.filter(isKept),
        branches: [],
        runIf: task.runIf.filter((guard) => guard.kind !== 'expression'),
        abortIf: task.abortIf.filter((guard) => guard.kind !== 'expression'),
      }),
    );
  const [first] = workflow.stages;
  const {file, line} = workflow;
  const stage = {
    name: '',
    file,
    line,
    condition: undefined,
    failureMode: first?.failureMode,
    maxWorkers: undefined,
    timeoutMs: undefined,
    saga: undefined,
  };
  return {...workflow, tasks, stages: [{...stage, tasks: tasks.map(({name}) => name)}], saga: undefined};
}
