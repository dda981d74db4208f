import type {EventListener, TaskEvent} from '../../task/events.js';
import type {TaskResult} from '../../task/outcome.js';
import type {EventHub} from './event-hub.js';

/**
 * Tells programs that listen what happens while a task file runs: `event.on("task.failed", f)`. Output is not told.
 *
 * @example
 * ```ts
 * const events = new EventHub();
 * const tell = tellRunEvents(events);
 * const workflows = await loadWorkflows('build.sloth', {runtime: {modules: standardModules({events})}});
 * for await (const event of workflows.run()) tell(event);
 * ```
 */
export function tellRunEvents(hub: EventHub): EventListener {
  return (event) => {
    const data = dataOf(event);
    if (data) hub.dispatch(event.kind, data);
  };
}

// Plain data with the names that Lua programs know; nothing for what they are not told.
function dataOf(event: TaskEvent): Readonly<Record<string, unknown>> | undefined {
  switch (event.kind) {
    case 'workflow.started':
      return {workflow: event.workflow, tasks: event.tasks, stages: event.stages};
    case 'workflow.completed':
    case 'workflow.failed': {
      const {workflow, success, timedOut, needsAttention, durationMs} = event.result;
      return {workflow, success, timed_out: timedOut, needs_attention: needsAttention, duration_ms: durationMs};
    }
    case 'task.ready':
      return {workflow: event.workflow, task: event.task};
    case 'task.started':
      return {workflow: event.workflow, task: event.task, attempt: event.attempt, interrupted: event.interrupted};
    case 'task.retrying': {
      const {workflow, task, attempt, delayMs, failure} = event;
      return {workflow, task, attempt, delay_ms: delayMs, message: failure.message};
    }
    case 'task.succeeded':
    case 'task.cached':
    case 'task.failed':
    case 'task.skipped':
    case 'task.cancelled':
      return {workflow: event.workflow, ...endOf(event.result)};
    case 'checkpoint.saved':
      return {workflow: event.workflow, task: event.task, checkpoint: event.checkpoint, name: event.name};
    case 'compensation.started':
    case 'compensation.done':
    case 'compensation.failed': {
      const {kind, at, ...others} = event;
      return others;
    }
    case 'circuit.opened':
    case 'circuit.closed':
      return {name: event.circuit};
    default:
      return undefined;
  }
}

function endOf({task, outcome, attempts, durationMs}: TaskResult): Readonly<Record<string, unknown>> {
  const about = {task, attempts, duration_ms: durationMs};
  switch (outcome.kind) {
    case 'succeeded':
      return {...about, ...(outcome.message !== undefined && {message: outcome.message})};
    case 'failed':
      return {...about, message: outcome.failure.message, kind: outcome.failure.kind};
    case 'skipped':
      return {...about, message: outcome.reason, because: outcome.because};
    case 'cancelled':
      return {...about, message: outcome.reason};
    default:
      return outcome satisfies never;
  }
}
