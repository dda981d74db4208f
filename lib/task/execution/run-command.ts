import {userInfo} from 'node:os';
import {formatBytes} from '../../util/format-bytes.js';
import {type ProcessEnd, ProcessGroup} from '../../util/process-group.js';
import type {Attempt, AttemptOptions} from './call-function.js';
import {timedOutMessage} from './call-function.js';
import type {Clock} from './clock.js';

/** Where output goes, piece by piece. While a promise that it answers is pending, whoever writes waits. */
export type OutputListener = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => unknown;

/** A command line and what surrounds it. */
export interface CommandLine {
  readonly text: string;
  readonly workdir: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whom it runs as, where that is somebody else. */
  readonly user?: string | undefined;
  /** What its process group may have in memory; looked at from time to time: a guard, not a wall. */
  readonly memoryLimitBytes?: number | undefined;
}

/** What an attempt at a command line may use of the engine. */
export interface CommandOptions extends AttemptOptions {
  readonly clock: Clock;
  readonly onOutput: OutputListener;
}

/**
 * Runs a command line through `sh` in a process group of its own. When its time is over, the signal aborts, or the group has more in
 * memory than it may, the whole group is asked to end, and ended when it does not.
 */
export async function runCommand(command: CommandLine, options: CommandOptions): Promise<Attempt> {
  const {signal, timeoutMs, clock} = options;
  if (signal?.aborted) return ended({kind: 'cancelled', reason: reasonOf(signal)});
  const [file, args] = invocation(command);
  const {workdir: cwd, env, memoryLimitBytes} = command;
  const group = new ProcessGroup(file, args, {cwd, env, memoryLimitBytes});
  for (const stream of ['stdout', 'stderr'] as const) {
    group[stream].on('data', (bytes: Uint8Array) => {
      const taken = options.onOutput(stream, bytes);
      if (!(taken instanceof Promise)) return;
      group[stream].pause();
      void taken.finally(() => group[stream].resume());
    });
  }
  const watch = new AbortController();
  let stoppedBy: 'timeout' | 'signal' | undefined;
  const stop = (by: 'timeout' | 'signal'): void => {
    if (watch.signal.aborted) return;
    stoppedBy ??= by;
    group.stop();
  };
  const onAbort = (): void => stop('signal');
  if (timeoutMs !== undefined) clock.sleep(timeoutMs, watch.signal).then(() => stop('timeout'));
  signal?.addEventListener('abort', onAbort, {once: true});
  const end = await group.ended;
  watch.abort();
  signal?.removeEventListener('abort', onAbort);
  if (end.exceededMemory) return failed(memoryMessage(command));
  if (stoppedBy === 'signal') return ended({kind: 'cancelled', reason: signal ? reasonOf(signal) : 'cancelled'});
  if (stoppedBy === 'timeout')
    return ended({kind: 'failed', failure: {kind: 'timeout', message: timedOutMessage(timeoutMs)}});
  return outcomeOf(end);
}

// As somebody else through sudo, which asks for nothing and fails where it may not.
function invocation({text, user}: CommandLine): [file: string, args: string[]] {
  const shell = ['/bin/sh', '-c', text];
  if (user === undefined || user === userInfo().username) return ['/bin/sh', shell.slice(1)];
  return ['sudo', ['--non-interactive', '--preserve-env', '--user', user, '--', ...shell]];
}

function outcomeOf({exitCode, signal, failure}: ProcessEnd): Attempt {
  if (failure !== undefined) return failed(`the command could not be started: ${failure}`);
  if (signal !== undefined) return failed(`the command was killed by ${signal}`);
  if (exitCode === 0) return ended({kind: 'succeeded', value: undefined});
  return failed(`the command ended with exit code ${exitCode}`, exitCode);
}

function memoryMessage({memoryLimitBytes = 0}: CommandLine): string {
  return `the command had more in memory than the ${formatBytes(memoryLimitBytes)} of 'resources.memory.limit'`;
}

function reasonOf({reason}: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function failed(message: string, exitCode?: number): Attempt {
  return ended({kind: 'failed', failure: {kind: 'error', message, ...(exitCode !== undefined && {exitCode})}});
}

function ended(outcome: Attempt['outcome']): Attempt {
  return {outcome, uncaught: 0};
}
