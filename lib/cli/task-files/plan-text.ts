import type {Prediction} from '../../task/cache/predict.js';
import {renderWaves} from '../../task/graph/render-waves.js';
import {taskGraph} from '../../task/graph/task-graph.js';
import type {Guard, Plan, PlannedTask, PlannedWorkflow} from '../../task/plan.js';
import {formatDuration} from '../../util/format-duration.js';
import {wavePaint} from '../graph-command.js';
import {type Palette, paletteFor} from '../palette.js';
import {changeText} from '../why-text.js';
import {lastRunOf} from './last-run.js';

/** What would run, in rounds: what waits for what, what is decided only while it runs, how long it took the last time. */
export function planText(plan: Plan, path: string, predictions: readonly Prediction[], json: boolean): string {
  const lastRun = lastRunOf(path);
  const palette = paletteFor(process.stdout);
  const parts = plan.workflows.map((workflow) => {
    const graph = taskGraph(workflow, (task) => ({durationMs: lastRun(workflow.name)(task).durationMs}));
    const cache = predictions.filter((prediction) => prediction.workflow === workflow.name);
    return {graph, cache, notes: notesOf(workflow, cache, palette)};
  });
  if (json) {
    const workflows = parts.map(({graph, notes, cache}) => ({
      ...graph,
      notes,
      cache: cache.map(({workflow, ...prediction}) => prediction),
    }));
    return `${JSON.stringify({version: 1, workflows}, undefined, 2)}\n`;
  }
  return parts
    .map(({graph, notes}) => {
      const said = notes.map(({about, note}) => `     ${palette.quiet(`${about}: ${note}`)}\n`);
      return renderWaves(graph, wavePaint(palette)) + said.join('');
    })
    .join('\n');
}

interface Note {
  readonly about: string;
  readonly note: string;
}

function notesOf({tasks, stages}: PlannedWorkflow, cache: readonly Prediction[], palette: Palette): readonly Note[] {
  const predicted = (task: string): readonly string[] =>
    cache.filter((prediction) => prediction.task === task).map((prediction) => predictionText(prediction, palette));
  const ofStages = stages.flatMap(({name, condition}) =>
    condition ? [{about: `stage ${name}`, note: `runs if ${condition.condition.text}, decided at run time`}] : [],
  );
  return [
    ...ofStages,
    ...tasks.flatMap((task) => [...taskNotes(task), ...predicted(task.name)].map((note) => ({about: task.name, note}))),
  ];
}

function taskNotes({branches, runIf, abortIf, retry, timeoutMs, saga}: PlannedTask): readonly string[] {
  return [
    ...branches.map(({condition, when}) => `runs if ${when ? '' : 'not '}${condition.text}, decided at run time`),
    ...runIf.map((guard) => `runs if ${guardText(guard)}, decided at run time`),
    ...abortIf.map((guard) => `fails if ${guardText(guard)}, decided at run time`),
    ...(retry.maxAttempts > 1 ? [`up to ${retry.maxAttempts} attempts`] : []),
    ...(timeoutMs === undefined ? [] : [`at most ${formatDuration(timeoutMs)} an attempt`]),
    ...(saga ? ['undone if something fails later'] : []),
  ];
}

function predictionText(prediction: Prediction, palette: Palette): string {
  switch (prediction.kind) {
    case 'restored':
      return 'restored from the cache';
    case 'open':
      return `restored from the cache if what '${prediction.on}' gives has not changed`;
    case 'runs': {
      const {changes} = prediction;
      if (!changes) return 'runs: no result of it is kept';
      if (changes.length === 0) return 'runs: its kept result is too old, or gone from the cache';
      return `runs, because of what changed: ${changes.map((change) => changeText(change, palette)).join(', ')}`;
    }
    default:
      return prediction satisfies never;
  }
}

function guardText(guard: Guard): string {
  switch (guard.kind) {
    case 'expression':
      return guard.condition.text;
    case 'shell':
      return `\`${guard.command.text}\` succeeds`;
    case 'function':
      return `the function at ${guard.fn.file}:${guard.fn.line} says so`;
  }
}
