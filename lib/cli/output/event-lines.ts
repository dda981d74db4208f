import type {TaskEvent} from '../../task/events.js';
import type {Outcome, TaskResult, WorkflowResult} from '../../task/outcome.js';
import {formatProblem} from '../../task/problem.js';
import {formatDuration} from '../../util/format-duration.js';
import {isPlainObject} from '../../util/plain-object.js';
import {unreachable} from '../../util/unreachable.js';
import type {Palette} from '../palette.js';
import {withTraceback} from '../render-report.js';

/** What is said about an event, in whole lines without the last line feed; nothing for what is not worth a line. */
export function eventLines(event: TaskEvent, palette: Palette): string | undefined {
  switch (event.kind) {
    case 'warning':
      return `${palette.warn('warning:')} ${formatProblem(event.problem)}`;
    case 'run.started':
      return event.resumed ? palette.quiet(`run ${event.runId} goes on`) : undefined;
    case 'workflow.started':
      return palette.strong(`▶ ${event.workflow} (${count(event.tasks.length, 'task')})`);
    case 'stage.started':
      return event.stage === '' ? undefined : palette.quiet(`  ▸ ${event.stage}`);
    case 'stage.ended': {
      const {stage, kind, reason} = event.result;
      return kind === 'skipped' && stage !== ''
        ? `  ${palette.warn('-')} stage ${stage}  ${palette.quiet(reason ? `skipped: ${reason}` : 'skipped')}`
        : undefined;
    }
    case 'task.started': {
      const attempt = event.attempt > 1 ? `, attempt ${event.attempt}` : '';
      return palette.quiet(`  • ${event.task}${attempt}${event.interrupted ? ', which was interrupted' : ''}`);
    }
    case 'task.retrying': {
      const next = palette.quiet(`attempt ${event.attempt} failed, the next in ${formatDuration(event.delayMs)}:`);
      return `  ${palette.warn('↻')} ${event.task}  ${next} ${event.failure.message}`;
    }
    case 'task.succeeded':
    case 'task.failed':
    case 'task.skipped':
    case 'task.cached':
    case 'task.cancelled':
      return taskLine(event.result, palette);
    case 'compensation.started':
      return palette.quiet(`  ↩ undoing ${sagaName(event)}`);
    case 'compensation.done':
      return `  ${palette.good('↩')} undid ${sagaName(event)}`;
    case 'compensation.failed': {
      const more = event.final ? 'it needs attention' : 'it is tried again';
      return `  ${palette.bad('✗')} undoing ${sagaName(event)} failed: ${event.message}; ${more}`;
    }
    case 'compensation.omitted':
      return `  ${palette.warn('!')} not undone, since compensation_enabled is false: ${sagaName(event)}`;
    case 'rollback.done':
      return `  ${palette.warn('↩')} rolled back to ${event.checkpoint}: ${event.undone.join(', ') || 'nothing to undo'}`;
    case 'circuit.opened':
      return `  ${palette.warn('!')} circuit ${event.circuit} opened`;
    case 'circuit.closed':
      return palette.quiet(`  circuit ${event.circuit} closed`);
    case 'hook.failed':
      return indent(
        withTraceback(
          `${palette.bad('✗')} ${event.hook} of ${event.task ?? event.workflow}: ${event.message}`,
          event.traceback,
          palette,
        ),
      );
    case 'workflow.completed':
    case 'workflow.failed':
      return workflowLine(event.result, palette);
    case 'workflow.skipped':
      return `${palette.warn('-')} ${palette.strong(event.workflow)}: ${palette.quiet('not run')}`;
    case 'run.ended':
    case 'task.ready':
    case 'task.output':
    case 'checkpoint.saved':
      return undefined;
    default:
      return unreachable(event);
  }
}

/** How a task ended, with what went wrong under it. */
export function taskLine({task, outcome, durationMs, attempts}: TaskResult, palette: Palette): string {
  const time = palette.quiet(formatDuration(durationMs));
  switch (outcome.kind) {
    case 'succeeded':
      return `  ${successSign(outcome, palette)} ${task}  ${time}${note(outcome, palette)}`;
    case 'failed': {
      const {message, traceback} = outcome.failure;
      const tries = attempts > 1 ? palette.quiet(`  after ${attempts} attempts`) : '';
      return `  ${palette.bad('✗')} ${task}  ${time}${tries}\n${indent(withTraceback(palette.bad(message), traceback, palette), 4)}`;
    }
    case 'skipped':
      return `  ${palette.warn('-')} ${task}  ${palette.quiet(`skipped: ${outcome.reason}`)}`;
    case 'cancelled':
      return `  ${palette.warn('-')} ${task}  ${palette.quiet(`cancelled: ${outcome.reason}`)}`;
    default:
      return unreachable(outcome);
  }
}

/** How a workflow ended, in numbers. */
export function workflowLine(result: WorkflowResult, palette: Palette): string {
  const {workflow, success, tasks, durationMs, timedOut, needsAttention} = result;
  const kinds = ['succeeded', 'cached', 'finished before', 'failed', 'skipped', 'cancelled'];
  const counts = kinds
    .map((kind) => ({kind, number: tasks.filter(({outcome}) => kindOf(outcome) === kind).length}))
    .filter(({number}) => number > 0)
    .map(({kind, number}) => `${number} ${kind}`);
  const mark = success ? palette.good('✓') : palette.bad('✗');
  const late = timedOut ? ' (out of time)' : '';
  const attention = needsAttention ? `; ${palette.bad('needs attention')}` : '';
  return `${mark} ${palette.strong(workflow)}: ${counts.join(', ')} in ${formatDuration(durationMs)}${late}${attention}`;
}

/** Text with each line moved to the right. */
export function indent(text: string, by = 2): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

function kindOf(outcome: Outcome): string {
  if (outcome.kind !== 'succeeded') return outcome.kind;
  return outcome.from === 'cache' ? 'cached' : outcome.from === 'journal' ? 'finished before' : 'succeeded';
}

function successSign({from}: Extract<Outcome, {kind: 'succeeded'}>, palette: Palette): string {
  return from === undefined ? palette.good('✓') : palette.quiet('≡');
}

function note({message, value, from}: Extract<Outcome, {kind: 'succeeded'}>, palette: Palette): string {
  const unchanged = isPlainObject(value) && value['changed'] === false;
  const origin = {cache: '  from the cache', journal: '  finished before'};
  return (from ? palette.quiet(origin[from]) : '') + (unchanged ? '  unchanged' : '') + (message ? `  ${message}` : '');
}

function sagaName({saga, participant}: {readonly saga: string; readonly participant: string}): string {
  return saga === participant || saga.endsWith(`:${participant}`) ? participant : `${participant} of ${saga}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
