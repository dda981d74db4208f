import type {EventListener, TaskEvent} from '../task/events.js';
import type {Outcome, TaskResult, WorkflowResult} from '../task/outcome.js';
import {formatProblem} from '../task/problem.js';
import {formatDuration} from '../util/format-duration.js';
import {isPlainObject} from '../util/plain-object.js';
import {unreachable} from '../util/unreachable.js';
import type {Palette} from './palette.js';
import {withTraceback} from './render-report.js';

/** Where a reporter writes: its own lines, and the output of commands. */
export interface ReporterStreams {
  readonly report: (text: string) => void;
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
}

/** Tells in plain lines what happens while a task file runs. */
export function taskReporter(streams: ReporterStreams, palette: Palette): EventListener {
  return (event) => {
    if (event.kind === 'task.output') streams[event.stream](event.bytes);
    else {
      const lines = linesOf(event, palette);
      if (lines !== undefined) streams.report(`${lines}\n`);
    }
  };
}

function linesOf(event: Exclude<TaskEvent, {kind: 'task.output'}>, palette: Palette): string | undefined {
  switch (event.kind) {
    case 'warning':
      return `${palette.warn('warning:')} ${formatProblem(event.problem)}`;
    case 'workflow.started':
      return palette.strong(`▶ ${event.workflow} (${count(event.tasks.length, 'task')})`);
    case 'task.started':
      return palette.quiet(`  • ${event.task}`);
    case 'task.succeeded':
    case 'task.failed':
    case 'task.skipped':
    case 'task.cached':
    case 'task.cancelled':
      return taskLine(event.result, palette);
    case 'task.retrying': {
      const {task, attempt, delayMs, failure} = event;
      const next = `attempt ${attempt} failed, the next one in ${formatDuration(delayMs)}`;
      return `  ${palette.warn('↻')} ${task}  ${palette.quiet(next)}\n${indent(failure.message, 4)}`;
    }
    case 'stage.started':
      return palette.quiet(`  ▸ ${event.stage}`);
    case 'stage.ended':
      if (event.result.kind !== 'skipped') return undefined;
      return `  ${palette.warn('-')} ${event.result.stage}  ${palette.quiet(`skipped: ${event.result.reason}`)}`;
    case 'compensation.done':
      return `  ${palette.warn('↶')} ${event.saga}: ${event.participant} undone`;
    case 'compensation.failed':
      return `  ${palette.bad('✗')} ${event.saga}: ${event.participant} could not be undone: ${event.message}`;
    case 'compensation.omitted':
      return `  ${palette.bad('✗')} ${event.saga}: ${event.participant} would have been undone`;
    case 'rollback.done':
      return `  ${palette.warn('↶')} rolled back: ${event.undone.join(', ') || 'nothing to undo'}`;
    case 'circuit.opened':
    case 'circuit.closed':
      return `  ${palette.warn('!')} ${event.circuit}: circuit ${event.kind === 'circuit.opened' ? 'opened' : 'closed'}`;
    case 'run.started':
    case 'run.ended':
    case 'task.ready':
    case 'checkpoint.saved':
    case 'compensation.started':
      return undefined;
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
      return summary(event.result, palette);
    case 'workflow.skipped':
      return `${palette.warn('-')} ${palette.strong(event.workflow)}: ${palette.quiet('not run')}`;
    default:
      return unreachable(event);
  }
}

function taskLine({task, outcome, durationMs}: TaskResult, palette: Palette): string {
  const time = palette.quiet(formatDuration(durationMs));
  switch (outcome.kind) {
    case 'succeeded':
      return `  ${palette.good('✓')} ${task}  ${time}${note(outcome)}`;
    case 'failed': {
      const {message, traceback} = outcome.failure;
      return `  ${palette.bad('✗')} ${task}  ${time}\n${indent(withTraceback(palette.bad(message), traceback, palette), 4)}`;
    }
    case 'skipped':
      return `  ${palette.warn('-')} ${task}  ${palette.quiet(`skipped: ${outcome.reason}`)}`;
    case 'cancelled':
      return `  ${palette.warn('-')} ${task}  ${palette.quiet('cancelled')}`;
    default:
      return unreachable(outcome);
  }
}

function note({message, value}: Extract<Outcome, {kind: 'succeeded'}>): string {
  const unchanged = isPlainObject(value) && value['changed'] === false;
  return (unchanged ? '  unchanged' : '') + (message ? `  ${message}` : '');
}

function summary({workflow, success, tasks, durationMs, timedOut}: WorkflowResult, palette: Palette): string {
  const kinds = ['succeeded', 'failed', 'skipped', 'cancelled'] as const;
  const counts = kinds
    .map((kind) => ({kind, number: tasks.filter(({outcome}) => outcome.kind === kind).length}))
    .filter(({number}) => number > 0)
    .map(({kind, number}) => `${number} ${kind}`);
  const mark = success ? palette.good('✓') : palette.bad('✗');
  const late = timedOut ? ' (out of time)' : '';
  return `${mark} ${palette.strong(workflow)}: ${counts.join(', ')} in ${formatDuration(durationMs)}${late}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function indent(text: string, by = 2): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
