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
    if (event.kind === 'task-output') streams[event.stream](event.bytes);
    else streams.report(`${linesOf(event, palette)}\n`);
  };
}

function linesOf(event: Exclude<TaskEvent, {kind: 'task-output'}>, palette: Palette): string {
  switch (event.kind) {
    case 'warning':
      return `${palette.warn('warning:')} ${formatProblem(event.problem)}`;
    case 'workflow-started':
      return palette.strong(`▶ ${event.workflow} (${count(event.tasks.length, 'task')})`);
    case 'task-started':
      return palette.quiet(`  • ${event.task}`);
    case 'task-ended':
      return taskLine(event.result, palette);
    case 'hook-failed':
      return indent(
        withTraceback(
          `${palette.bad('✗')} ${event.hook} of ${event.workflow}: ${event.message}`,
          event.traceback,
          palette,
        ),
      );
    case 'workflow-ended':
      return summary(event.result, palette);
    case 'workflow-skipped':
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
      return `  ${palette.warn('-')} ${task}  ${palette.quiet(`skipped: '${outcome.task}' did not succeed`)}`;
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
