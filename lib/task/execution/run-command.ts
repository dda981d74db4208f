import {type ChildProcess, spawn} from 'node:child_process';
import {userInfo} from 'node:os';
import {formatBytes} from '../../util/format-bytes.js';
import type {Attempt, AttemptOptions} from './call-function.js';
import {timedOutMessage} from './call-function.js';
import type {Clock} from './clock.js';
import {processesOfGroup, usageOfGroup} from './process-group.js';

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

/** How long a command may take to end after it was asked to. */
const graceMs = 2000;

type StopCause = 'timeout' | 'signal' | 'memory';

/** How often the memory of a command with a limit is looked at. */
const memoryLookMs = 50;

/**
 * Runs a command line through `sh` in a process group of its own. When its time is over or the signal aborts, the whole
 * group gets SIGTERM, and after a grace SIGKILL; the same when it has more in memory than it may.
 */
export async function runCommand(command: CommandLine, options: CommandOptions): Promise<Attempt> {
  const {signal, timeoutMs, clock} = options;
  if (signal?.aborted) return ended({kind: 'cancelled', reason: reasonOf(signal)});
  const [file, args] = invocation(command);
  const child = spawn(file, args, {
    cwd: command.workdir,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (bytes: Uint8Array) => {
      const taken = options.onOutput(stream, bytes);
      if (!(taken instanceof Promise)) return;
      child[stream].pause();
      void taken.finally(() => child[stream].resume());
    });
  }
  const watch = new AbortController();
  let stoppedBy: StopCause | undefined;
  let killer: Promise<void> | undefined;
  const stop = (by: StopCause): void => {
    if (watch.signal.aborted) return;
    stoppedBy ??= by;
    killer ??= endGroup(child, clock);
  };
  const onAbort = (): void => stop('signal');
  if (timeoutMs !== undefined) clock.sleep(timeoutMs, watch.signal).then(() => stop('timeout'));
  signal?.addEventListener('abort', onAbort, {once: true});
  const stopWatching = watchMemory(child, command.memoryLimitBytes, () => stop('memory'));
  const forceStop = (): void => killGroup(child, 'SIGKILL');
  process.on('exit', forceStop);
  const end = await endOf(child);
  watch.abort();
  stopWatching();
  signal?.removeEventListener('abort', onAbort);
  process.off('exit', forceStop);
  await killer;
  if (stoppedBy === 'signal') return ended({kind: 'cancelled', reason: signal ? reasonOf(signal) : 'cancelled'});
  if (stoppedBy === 'timeout')
    return ended({kind: 'failed', failure: {kind: 'timeout', message: timedOutMessage(timeoutMs)}});
  if (stoppedBy === 'memory') return ended({kind: 'failed', failure: {kind: 'error', message: memoryMessage(command)}});
  if (end === undefined) return ended({kind: 'succeeded', value: undefined});
  return ended({kind: 'failed', failure: {kind: 'error', ...end}});
}

// As somebody else through sudo, which asks for nothing and fails where it may not.
function invocation({text, user}: CommandLine): [file: string, args: string[]] {
  const shell = ['/bin/sh', '-c', text];
  if (user === undefined || user === userInfo().username) return ['/bin/sh', shell.slice(1)];
  return ['sudo', ['--non-interactive', '--preserve-env', '--user', user, '--', ...shell]];
}

// What went wrong, or undefined. A command that leaves children behind with its output has ended when they have.
function endOf(child: ChildProcess): Promise<{readonly message: string; readonly exitCode?: number} | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({message: `the command could not be started: ${error.message}`}));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(undefined);
      else if (code === null) resolve({message: `the command was killed by ${killedBy}`});
      else resolve({message: `the command ended with exit code ${code}`, exitCode: code});
    });
  });
}

// Asks, waits for the grace as long as somebody of the group lives, and kills the rest.
async function endGroup(child: ChildProcess, clock: Clock): Promise<void> {
  killGroup(child, 'SIGTERM');
  const gone = new AbortController();
  const poll = setInterval(() => {
    if (!groupLives(child)) gone.abort();
  }, 20);
  await clock.sleep(graceMs, gone.signal);
  clearInterval(poll);
  killGroup(child, 'SIGKILL');
}

function watchMemory({pid}: ChildProcess, limit: number | undefined, onExcess: () => void): () => void {
  if (limit === undefined || pid === undefined) return () => undefined;
  const poll = setInterval(() => {
    if (usageOfGroup(pid).residentBytes > limit) onExcess();
  }, memoryLookMs);
  return () => clearInterval(poll);
}

function memoryMessage({memoryLimitBytes = 0}: CommandLine): string {
  return `the command had more in memory than the ${formatBytes(memoryLimitBytes)} of 'resources.memory.limit'`;
}

function groupLives({pid}: ChildProcess): boolean {
  return pid !== undefined && processesOfGroup(pid) > 0;
}

function killGroup({pid}: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

function reasonOf({reason}: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function ended(outcome: Attempt['outcome']): Attempt {
  return {outcome, uncaught: 0};
}
