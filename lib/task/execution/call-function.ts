import type {LuaFunction} from '../../lua-function.js';
import type {ResourceLimits} from '../../resource-limits.js';
import type {RunReport} from '../../run-report.js';
import type {Sendable} from '../../sendable.js';
import {formatDuration} from '../../util/format-duration.js';
import {unreachable} from '../../util/unreachable.js';
import type {Failure, Outcome} from '../outcome.js';
import type {Rest} from './clock.js';
import {deadlockOfTask} from './deadlock-of-task.js';
import type {OutputListener} from './run-command.js';
import type {RunningCode, TaskHost} from './task-host.js';
import {withoutOwnFrames} from './without-own-frames.js';

/** How one attempt of a task went. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly uncaught: number;
  /** A Lua function that returns the task's output, for the tasks that depend on it. */
  readonly output?: LuaFunction | undefined;
}

/** What an attempt may take. */
export interface AttemptOptions {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  /** The first uncaught error of a goroutine ends the attempt. */
  readonly failFast?: boolean | undefined;
  /** Takes what the function and its goroutines write. Default: those who take the runtime's output. */
  readonly onOutput?: OutputListener | undefined;
  /** What the islands that the function makes may use together. It cannot run on another one then. */
  readonly limits?: ResourceLimits | undefined;
}

/** What a function of a task file is called with: see `lua/protocol.lua`. */
export type Request = Readonly<Record<string, Sendable>> & {
  readonly form: 'command' | 'guard' | 'hook' | 'failure' | 'reason' | 'context' | 'complete';
};

/** Calls functions of a task file, each call as a run of its own: a deadlock in it is its failure. */
export class FunctionCaller {
  readonly #host: TaskHost;
  readonly #rest: Rest | undefined;

  constructor(host: TaskHost, rest?: Rest) {
    this.#host = host;
    this.#rest = rest;
  }

  /** @param args what follows the request: an output, and what ended tasks left. */
  async call(
    fn: LuaFunction,
    request: Request,
    args: readonly Sendable[],
    code: RunningCode,
    {signal, timeoutMs, failFast, onOutput, limits}: AttemptOptions,
  ): Promise<Attempt> {
    const asked = this.#rest === undefined ? request : {...request, rest: this.#rest.call};
    // The author's function is placed by what it captured; this one only calls it.
    const run = fn.startAtHome({args: [asked, ...args], signal, timeoutMs, failFast, limits}, onOutput);
    this.#host.bind(run.id, code);
    const report = await run.report;
    this.#host.unbind(run.id);
    this.#rest?.ended(run.id);
    return attemptOf(report, timeoutMs, request.form === 'command' ? 'the task returned false' : 'it returned false');
  }
}

function attemptOf(report: RunReport, timeoutMs: number | undefined, saidNothing: string): Attempt {
  if (report.kind !== 'succeeded') return {outcome: outcomeOf(report, timeoutMs), uncaught: report.uncaught};
  const [success, message, value, traceback, , output] = report.values;
  const text = typeof message === 'string' ? message : undefined;
  const outcome: Outcome = success
    ? {kind: 'succeeded', value, message: text}
    : {kind: 'failed', failure: {kind: 'error', message: text ?? saidNothing, ...tracebackOf(traceback)}};
  return {outcome, uncaught: report.uncaught, output: output as LuaFunction | undefined};
}

function tracebackOf(traceback: Sendable): {readonly traceback?: string} {
  return typeof traceback === 'string' ? {traceback: withoutOwnFrames(traceback)} : {};
}

function outcomeOf(report: RunReport, timeoutMs: number | undefined): Outcome {
  const {kind, message = kind, exitCode} = report;
  const traceback = report.traceback && withoutOwnFrames(report.traceback);
  const failed = (failure: Failure): Outcome => ({kind: 'failed', failure});
  switch (kind) {
    case 'failed':
    case 'memory':
    case 'syntax':
      return failed({kind: 'error', message, traceback});
    case 'timeout':
      return failed({kind: 'timeout', message: timedOutMessage(timeoutMs), traceback});
    case 'deadlock':
      return failed({kind: 'deadlock', message: deadlockOfTask(message)});
    case 'exit':
      return failed({kind: 'exit', message: `os.exit(${exitCode ?? 0}) was called`, exitCode: exitCode ?? 0});
    case 'cancelled':
      return {kind: 'cancelled', reason: message};
    case 'succeeded':
      return {kind: 'succeeded', value: undefined};
    default:
      return unreachable(kind);
  }
}

/** The message of a failure by a task's own time limit. */
export function timedOutMessage(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? 'timed out' : `timed out after ${formatDuration(timeoutMs)}`;
}
