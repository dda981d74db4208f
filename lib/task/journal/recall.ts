import type {RecalledCompensation, RecalledStep, RecalledTask} from '../execution/execution-store.js';
import {isUndoing, type RunHistory, type TaskHistory} from './run-history.js';
import {restoreValue} from './stored-value.js';

/** What a run knows of earlier work. */
export interface Recall {
  task(workflow: string, task: string): RecalledTask | undefined;
  sagas(workflow: string): {
    readonly steps: readonly RecalledStep[];
    readonly compensations: readonly RecalledCompensation[];
  };
}

/** Nothing was done before. */
export const recallNothing: Recall = {
  task: () => undefined,
  sagas: () => ({steps: [], compensations: []}),
};

/**
 * Goes on with a run: what succeeded stays, what was cut off begins anew with its attempt and its last checkpoint, what
 * failed is tried again. Where compensations had begun, every task keeps the end it had, and the rest is undone.
 */
export function recallRun(history: RunHistory): Recall {
  return {
    task: (workflow, task) => {
      const of = history.workflows.get(workflow);
      const known = of?.tasks.get(task);
      return of && known && recalled(known, isUndoing(of));
    },
    sagas: (workflow) => {
      const {steps = [], compensations = []} = history.workflows.get(workflow) ?? {};
      return {steps, compensations};
    },
  };
}

/** Takes over from another run what succeeded there, of the tasks that `reuse` says. */
export function recallResults(history: RunHistory, reuse: (workflow: string, task: string) => boolean): Recall {
  return {
    ...recallNothing,
    task: (workflow, task) => {
      const result = history.workflows.get(workflow)?.tasks.get(task)?.result;
      return result?.outcome.kind === 'succeeded' && reuse(workflow, task) ? {result} : undefined;
    },
  };
}

function recalled(task: TaskHistory, isOver: boolean): RecalledTask {
  const {result, attempts, checkpoints, state, undone} = task;
  const last = attempts.at(-1);
  const isCutOff = last !== undefined && last.endedAt === undefined && result === undefined;
  return {
    ...(result && (isOver || result.outcome.kind === 'succeeded') && {result}),
    ...(isCutOff && {interruptedAttempt: last.attempt}),
    checkpoint: [...checkpoints.values()].at(-1),
    ...(state !== undefined && {state: restoreValue(state)}),
    ...(undone > 0 && {undone}),
  };
}
