import type {PlannedTask} from '../plan.js';
import type {AnalysisContext} from './context.js';

/**
 * With `dependency_resolution = "streaming"`: which tasks start with those they depend on and read what these emit. Both are
 * functions; a task that hands on files is waited for, since its files are there when it has ended.
 */
export function planStreams(context: AnalysisContext, tasks: readonly PlannedTask[]): readonly PlannedTask[] {
  if (context.file.config.dependency_resolution !== 'streaming') return tasks;
  const emitters = new Set(
    tasks.filter(({action, artifacts}) => action.kind === 'function' && artifacts.length === 0).map(({name}) => name),
  );
  return tasks.map((task) => {
    if (task.action.kind !== 'function') return task;
    const named = task.consumes.flatMap(({task: name, pattern}) =>
      name === undefined || pattern !== undefined ? [] : [name],
    );
    const streams = [...new Set(named)].filter((name) => task.dependsOn.includes(name) && emitters.has(name));
    if (streams.length > 0 && task.cache.enabled && task.cache.asked)
      context.warning(task, `task '${task.name}' reads what others emit while they run, so its result is not kept`);
    return streams.length === 0 ? task : {...task, streams};
  });
}

/** The tasks that must have ended when one starts. */
export function endedBefore({dependsOn, after, follows, streams}: PlannedTask): readonly string[] {
  return [...dependsOn, ...after, ...follows].filter((name) => !streams.includes(name));
}
