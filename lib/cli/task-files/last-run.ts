import {existsSync} from 'node:fs';
import {dirname, relative, resolve} from 'node:path';
import type {LastRun, NodeState} from '../../task/graph/task-graph.js';
import {Journal} from '../../task/journal/journal.js';
import type {RunHistory, TaskHistory} from '../../task/journal/run-history.js';
import {SlothFolder} from '../../task/journal/sloth-folder.js';
import {storeChoice} from './run-settings.js';

/** What the latest run of a task file tells of its tasks; nothing where there is none. */
export function lastRunOf(path: string): (workflow: string) => (task: string) => LastRun {
  const history = latestRun(path);
  return (workflow) => (task) => {
    const known = history?.workflows.get(workflow)?.tasks.get(task);
    return known ? {state: stateOf(known), durationMs: durationOf(known)} : {};
  };
}

/** How a task went. */
export function stateOf({result, attempts}: TaskHistory): NodeState | undefined {
  if (!result) return attempts.length > 0 ? 'running' : undefined;
  const {outcome} = result;
  return outcome.kind === 'succeeded' && outcome.from === 'cache' ? 'cached' : outcome.kind;
}

function durationOf({result}: TaskHistory): number | undefined {
  return result && result.attempts > 0 ? result.durationMs : undefined;
}

function latestRun(path: string): RunHistory | undefined {
  const folder = SlothFolder.of(path);
  if (!existsSync(folder.path)) return undefined;
  const journal = Journal.open(folder, storeChoice());
  try {
    const file = path === '-' ? '-' : relative(dirname(folder.path), resolve(path));
    const found = journal.list(Number.POSITIVE_INFINITY).find(({settings}) => settings?.file === file);
    return found && journal.read(found.id);
  } finally {
    journal.close();
  }
}
