import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {SlothError} from '../errors.js';
import {type Bar, type Timeline, type TimelineRow, timelineSvg, timelineText} from '../task/graph/render-timeline.js';
import {Journal, type RunState, type RunSummary} from '../task/journal/journal.js';
import type {RunHistory, TaskHistory, WorkflowHistory} from '../task/journal/run-history.js';
import {SlothFolder} from '../task/journal/sloth-folder.js';
import {storeResult} from '../task/journal/stored-result.js';
import {formatDuration} from '../util/format-duration.js';
import {exitCode} from './exit-code.js';
import {wavePaint} from './graph-command.js';
import {type Palette, paletteFor} from './palette.js';
import {stateOf} from './task-files/last-run.js';
import {storeChoice} from './task-files/run-settings.js';
import {whyText} from './why-text.js';

/** Does `work` with the journals of the folder `.sloth` in `folder`; answers the exit code. */
export async function withJournal(
  folder: string,
  work: (journal: Journal) => Promise<number> | number,
): Promise<number> {
  const complain = (message: string): number => {
    process.stderr.write(`${paletteFor(process.stderr).bad('error:')} ${message}\n`);
    return exitCode.usage;
  };
  const sloth = new SlothFolder(join(folder, '.sloth'));
  if (!existsSync(sloth.path))
    return complain(`there is no run here: ${sloth.path} does not exist (--dir names another folder)`);
  try {
    const journal = Journal.open(sloth, storeChoice());
    try {
      return await work(journal);
    } finally {
      journal.close();
    }
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    return complain(error.message);
  }
}

/** Lists the latest runs; returns the exit code. */
export function historyCommand(folder: string, limit: number, {json}: {readonly json: boolean}): Promise<number> {
  return withJournal(folder, (journal) => {
    const runs = journal.list(limit);
    if (json) process.stdout.write(`${JSON.stringify({version: 1, runs}, undefined, 2)}\n`);
    else for (const run of runs) process.stdout.write(`${summaryLine(run, paletteFor(process.stdout))}\n`);
    return exitCode.ok;
  });
}

/** The flags of `show`. */
export interface ShowFlags {
  readonly format: 'text' | 'svg' | 'json';
  /** Where to; missing: stdout. */
  readonly out?: string | undefined;
}

/** Shows when the tasks of a run ran, and how they ended; returns the exit code. */
export function showCommand(folder: string, run: string | undefined, {format, out}: ShowFlags): Promise<number> {
  return withJournal(folder, (journal) => {
    const history = journal.read(journal.find(run));
    const text = rendered(history, journal.stateOf(history), format);
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text);
    return exitCode.ok;
  });
}

/** Tells why a task ran, or did not, in a run; returns the exit code. */
export function whyCommand(folder: string, task: string, run: string | undefined, json: boolean): Promise<number> {
  return withJournal(folder, (journal) => {
    const history = journal.read(journal.find(run));
    const known = [...history.workflows.values()].filter(({planned}) => planned.some(({name}) => name === task));
    if (known.length === 0) throw new SlothError('E_VALUE', `run ${history.id} knows no task '${task}'`);
    for (const workflow of known) {
      const about = workflow.tasks.get(task);
      if (json) {
        const {result, cache} = about ?? {};
        const kept = result && storeResult(result).value;
        process.stdout.write(
          `${JSON.stringify({version: 1, run: history.id, workflow: workflow.workflow, task, result: kept, cache})}\n`,
        );
      } else {
        process.stdout.write(`${whyText(task, about, history, paletteFor(process.stdout))}\n`);
      }
    }
    return exitCode.ok;
  });
}

const stateWords: Readonly<Record<RunState | 'damaged', keyof Palette>> = {
  succeeded: 'good',
  failed: 'bad',
  'needs attention': 'bad',
  cancelled: 'warn',
  running: 'warn',
  interrupted: 'warn',
  damaged: 'bad',
};

function summaryLine({id, state, settings, startedAt, lastAt}: RunSummary, palette: Palette): string {
  const word = palette[stateWords[state]](state.padEnd(15));
  if (!settings) return `${id}  ${word}`;
  const what = [settings.file, settings.workflow, ...settings.tasks].filter(Boolean).join(' ');
  return `${id}  ${word} ${formatDuration(lastAt - startedAt).padStart(7)}  ${what}`;
}

function rendered(history: RunHistory, state: RunState, format: ShowFlags['format']): string {
  if (format === 'json') return `${JSON.stringify(readable(history, state), undefined, 2)}\n`;
  const timeline = timelineOf(history, state);
  if (format === 'svg') return timelineSvg(timeline);
  const palette = paletteFor(process.stdout);
  const text = timelineText(timeline, process.stdout.columns ?? 100, wavePaint(palette));
  const canGoOn = state !== 'succeeded' && state !== 'running';
  return text + (canGoOn ? palette.quiet(`go on with it: sloth-runner resume ${history.id}\n`) : '');
}

function timelineOf(history: RunHistory, state: RunState): Timeline {
  const {id, startedAt, lastAt, settings, resumedAt} = history;
  const endedAt = state === 'running' ? Date.now() : lastAt;
  const again =
    resumedAt.length > 0 ? `, gone on with ${resumedAt.length === 1 ? 'once' : `${resumedAt.length} times`}` : '';
  const title = `${settings.file}  ${id}  ${state}${again}, ${formatDuration(endedAt - startedAt)}`;
  return {title, startedAt, endedAt, rows: [...history.workflows.values()].flatMap((one) => rowsOf(one, endedAt))};
}

function rowsOf(workflow: WorkflowHistory, endedAt: number): readonly TimelineRow[] {
  const tasks = workflow.planned.map(({name}) => taskRow(name, workflow.tasks.get(name), endedAt));
  const undone = workflow.compensations.map(({participant, startedAt, done, message, ...more}): TimelineRow => {
    const state = done ? 'succeeded' : 'failed';
    const bars = [{startedAt, endedAt: more.endedAt ?? endedAt, state} as const];
    return {name: `undo ${participant}`, state, bars, note: done ? '' : (message ?? 'was cut off')};
  });
  return [...tasks, ...undone];
}

function taskRow(name: string, task: TaskHistory | undefined, endedAt: number): TimelineRow {
  if (!task) return {name, state: undefined, bars: [], note: ''};
  const state = stateOf(task);
  const bars = task.attempts.map((attempt): Bar => {
    const ended = attempt.outcome?.kind;
    const cutOff = attempt.endedAt === undefined && task.result !== undefined;
    return {
      startedAt: attempt.startedAt,
      endedAt: attempt.endedAt ?? (cutOff ? attempt.startedAt : endedAt),
      state: ended === 'succeeded' ? 'succeeded' : ended === 'failed' ? 'failed' : (ended ?? 'running'),
    };
  });
  return {name, state, bars, note: noteOf(task)};
}

function noteOf({result, undone}: TaskHistory): string {
  const again = undone > 0 ? 'was undone; ' : '';
  const outcome = result?.outcome;
  if (!outcome) return again;
  switch (outcome.kind) {
    case 'succeeded':
      return `${again}${outcome.from === 'cache' ? 'from the cache' : (outcome.message ?? '')}`;
    case 'failed':
      return again + (outcome.failure.message.split('\n')[0] ?? '');
    case 'skipped':
    case 'cancelled':
      return again + outcome.reason;
  }
}

function readable(history: RunHistory, state: RunState): object {
  const {id, settings, startedAt, resumedAt, lastAt} = history;
  const workflows = [...history.workflows.values()].map(({workflow, tasks, compensations, ended, planned}) => ({
    workflow,
    ended,
    tasks: planned.map(({name, stage, needs}) => {
      const task = tasks.get(name);
      const result = task?.result && storeResult(task.result).value;
      return {
        name,
        stage,
        needs,
        attempts: task?.attempts ?? [],
        result,
        undone: task?.undone ?? 0,
        cache: task?.cache,
      };
    }),
    compensations,
  }));
  return {version: 1, id, state, settings, startedAt, resumedAt, lastAt, workflows};
}
