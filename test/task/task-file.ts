import {Runtime} from '../../lib/runtime.js';
import type {RuntimeOptions} from '../../lib/runtime-options.js';
import type {TaskEvent} from '../../lib/task/events.js';
import {VirtualClock} from '../../lib/task/execution/virtual-clock.js';
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

/** How a test runs a file. */
export interface TestOptions extends Partial<TaskFileOptions> {
  /** Waiting takes no time. */
  readonly virtual?: boolean;
  /** Where the file is said to lie. */
  readonly path?: string;
  readonly runtime?: RuntimeOptions;
}

/** Runs text as the task file `test.sloth` on a runtime of its own. */
export async function runText(text: string, options: TestOptions = {}): Promise<TaskFileRun> {
  const {virtual = false, path = 'test.sloth', runtime: runtimeOptions, ...rest} = options;
  let output = '';
  const events: TaskEvent[] = [];
  const write = (piece: string | Uint8Array): void => {
    output += typeof piece === 'string' ? piece : new TextDecoder().decode(piece);
  };
  const clock = virtual ? 'virtual' : 'real';
  const runtime = new Runtime({workers: 2, stdout: write, stderr: write, clock, ...runtimeOptions});
  const file = {path, source: text, chunkName: `@${path}`};
  const emit = (event: TaskEvent): void => {
    if (event.kind === 'task.output') write(event.bytes);
    else events.push(event);
    options.emit?.(event);
  };
  try {
    const signal = new AbortController().signal;
    const time = virtual ? await VirtualClock.of(runtime) : undefined;
    const virtually = time && {clock: time, rest: time, runCommand: time.runCommand};
    const outcome = await runTaskFile(runtime, file, {signal, ...virtually, ...rest, emit});
    return {outcome, events, output};
  } finally {
    await runtime.close();
  }
}

/** How each task ended, by name: `succeeded`, `failed: message`, `skipped`, `cancelled`. */
export async function outcomesOf(text: string, options?: TestOptions): Promise<Record<string, string>> {
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
export async function problemsOf(text: string, options: TestOptions = {}): Promise<readonly string[]> {
  const {outcome, output} = await runText(text, options);
  if (outcome.kind !== 'invalid') throw new Error(`the file is not invalid: ${JSON.stringify(outcome)}`);
  if (output !== '') throw new Error(`something ran: ${output}`);
  return outcome.problems.map(formatProblem);
}

/** One short text for each event of these kinds, without times: `started a 1`, `failed b`. */
export function story(events: readonly TaskEvent[], kinds?: RegExp): string[] {
  return events.flatMap((event) => {
    const line = lineOf(event);
    return line !== undefined && (kinds?.test(line) ?? true) ? [line] : [];
  });
}

function lineOf(event: TaskEvent): string | undefined {
  switch (event.kind) {
    case 'task.ready':
      return `ready ${event.task}`;
    case 'task.started':
      return `started ${event.task} ${event.attempt}`;
    case 'task.retrying':
      return `retrying ${event.task} in ${event.delayMs}`;
    case 'task.succeeded':
    case 'task.failed':
    case 'task.skipped':
    case 'task.cached':
    case 'task.cancelled':
      return `${event.kind.slice('task.'.length)} ${event.task}`;
    case 'stage.started':
      return `stage ${event.stage}`;
    case 'stage.ended':
      return `stage ${event.result.stage} ${event.result.kind}`;
    case 'workflow.started':
      return `workflow ${event.workflow}`;
    case 'workflow.completed':
    case 'workflow.failed':
    case 'workflow.skipped':
      return `${event.kind.slice('workflow.'.length)} ${event.workflow}`;
    case 'checkpoint.saved':
      return `checkpoint ${event.name}`;
    case 'compensation.started':
    case 'compensation.done':
    case 'compensation.failed':
      return `compensation ${event.kind.slice('compensation.'.length)} ${event.saga}/${event.participant}`;
    case 'compensation.omitted':
      return `compensation omitted ${event.saga}/${event.participant}`;
    case 'rollback.done':
      return `rollback ${event.undone.join(',')}`;
    case 'hook.failed':
      return `hook ${event.hook}: ${event.message}`;
    case 'circuit.opened':
    case 'circuit.closed':
      return `${event.kind.replace('.', ' ')} ${event.circuit}`;
    case 'warning':
      return `warning ${formatProblem(event.problem)}`;
    case 'task.output':
    case 'run.started':
    case 'run.ended':
      return undefined;
    default:
      return unreachable(event);
  }
}
