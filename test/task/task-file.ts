import {Runtime} from '../../lib/runtime.js';
import type {TaskEvent} from '../../lib/task/events.js';
import type {Outcome} from '../../lib/task/outcome.js';
import {formatProblem} from '../../lib/task/problem.js';
import {runTaskFile, type TaskFileOptions, type TaskFileOutcome} from '../../lib/task/run-task-file.js';
import {unreachable} from '../../lib/util/unreachable.js';

/** What running a task file left behind. */
export interface TaskFileRun {
  readonly outcome: TaskFileOutcome;
  readonly events: readonly TaskEvent[];
  /** What Lua code and commands wrote, in order. */
  readonly output: string;
}

/** Runs text as the task file `test.sloth` on a runtime of its own. */
export async function runText(text: string, options: Partial<TaskFileOptions> = {}): Promise<TaskFileRun> {
  let output = '';
  const events: TaskEvent[] = [];
  const write = (piece: string | Uint8Array): void => {
    output += typeof piece === 'string' ? piece : new TextDecoder().decode(piece);
  };
  const runtime = new Runtime({workers: 2, stdout: write, stderr: write});
  const file = {path: 'test.sloth', source: text, chunkName: '@test.sloth'};
  const emit = (event: TaskEvent): void => {
    if (event.kind === 'task.output') write(event.bytes);
    else events.push(event);
    options.emit?.(event);
  };
  try {
    const signal = new AbortController().signal;
    const outcome = await runTaskFile(runtime, file, {signal, ...options, emit});
    return {outcome, events, output};
  } finally {
    await runtime.close();
  }
}

/** How each task ended, by name: `succeeded`, `failed: message`, `skipped`, `cancelled`. */
export async function outcomesOf(text: string, options?: Partial<TaskFileOptions>): Promise<Record<string, string>> {
  const {outcome} = await runText(text, options);
  if (outcome.kind !== 'finished') throw new Error(`no task ran: ${JSON.stringify(outcome)}`);
  const results = outcome.workflows.flatMap(({tasks}) => tasks);
  return Object.fromEntries(results.map(({task, outcome: ended}) => [task, describe(ended)]));
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'failed':
      return `failed: ${outcome.failure.message}`;
    case 'succeeded':
    case 'skipped':
    case 'cancelled':
      return outcome.kind;
    default:
      return unreachable(outcome);
  }
}

/** What is wrong with a file whose definitions are, one line each. */
export async function problemsOf(text: string): Promise<readonly string[]> {
  const {outcome, output} = await runText(text);
  if (outcome.kind !== 'invalid') throw new Error(`the file is not invalid: ${JSON.stringify(outcome)}`);
  if (output !== '') throw new Error(`something ran: ${output}`);
  return outcome.problems.map(formatProblem);
}
