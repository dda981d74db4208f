import type {Place} from '../problem.js';
import {Definition} from '../reading/definition.js';
import type {TaskDescription, WorkflowDescription} from '../reading/description.js';
import type {AnalysisContext} from './context.js';
import {findCycles} from './find-cycles.js';

/** Checks names, dependencies and cycles, and notes what each task depends on. */
export function checkTasks(context: AnalysisContext): void {
  const {tasks, workflows} = context.file;
  nameAll(context, tasks, 'task');
  nameAll(context, workflows, 'workflow');
  for (const task of tasks) resolveNeeds(context, task);
  for (const task of tasks) checkCommand(context, task);
  for (const cycle of findCycles(tasks, (task) => context.needs(task))) reportCycle(context, cycle);
}

function nameAll(
  context: AnalysisContext,
  things: readonly (TaskDescription | WorkflowDescription)[],
  kind: 'task' | 'workflow',
): void {
  const first = new Map<string, Place>();
  for (const thing of things) {
    if (thing.name === '?') continue;
    const earlier = first.get(thing.name);
    if (earlier)
      context.problem(thing, `${kind} '${thing.name}' is already defined at ${earlier.file}:${earlier.line}`);
    else first.set(thing.name, thing);
  }
}

function resolveNeeds(context: AnalysisContext, task: TaskDescription): void {
  const place = task.places.get('depends_on') ?? task;
  const names = (task.settings.depends_on ?? []).flat();
  const found = names.flatMap((reference) => {
    if (reference instanceof Definition) return tasksOf(context, reference);
    return context.resolve(reference, task.group, place, `task '${task.name}' depends on`);
  });
  context.setNeeds(task, [...new Set(found)]);
}

/** The tasks that came from a definition: one, or those of a matrix or group. */
function tasksOf(context: AnalysisContext, {name, file, line, kind}: Definition): readonly TaskDescription[] {
  if (kind === 'group') return context.file.named.get(name) ?? [];
  return context.file.tasks.filter((task) => task.file === file && task.line === line && task.shortName === name);
}

function checkCommand(context: AnalysisContext, task: TaskDescription): void {
  const {settings, places, name} = task;
  if (name === '?' || places.has('command') || settings.depends_on !== undefined) return;
  context.problem(task, `task '${name}' has no command`);
}

function reportCycle(context: AnalysisContext, cycle: readonly TaskDescription[]): void {
  const [first] = cycle;
  if (!first) return;
  const path = [...cycle, first].map((task) => `'${task.name}'`).join(' -> ');
  context.problem(first.places.get('depends_on') ?? first, `tasks depend on each other: ${path}`);
}
