import {type ChildProcess, spawn} from 'node:child_process';
import {type Attempt, type AttemptOptions, timedOutMessage} from './run-function.js';

/** Where the output of a command goes, piece by piece. */
export type OutputListener = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;

/** How long a command may take to end after it was asked to. */
const graceMs = 2000;

/**
 * Runs a command line through `sh` in a process group of its own. When its time is over or the signal aborts, the whole
 * group gets SIGTERM, and SIGKILL after a grace.
 */
export async function runShell(
  command: string,
  workdir: string,
  onOutput: OutputListener,
  {signal, timeoutMs}: AttemptOptions,
): Promise<Attempt> {
  if (signal.aborted) return ended({kind: 'cancelled'});
  const child = spawn(command, {shell: '/bin/sh', cwd: workdir, detached: true, stdio: ['ignore', 'pipe', 'pipe']});
  child.stdout.on('data', (bytes: Uint8Array) => onOutput('stdout', bytes));
  child.stderr.on('data', (bytes: Uint8Array) => onOutput('stderr', bytes));
  let stoppedBy: 'timeout' | 'signal' | undefined;
  const stop = (by: 'timeout' | 'signal'): void => {
    stoppedBy ??= by;
    killGroup(child, 'SIGTERM');
    setTimeout(() => killGroup(child, 'SIGKILL'), graceMs).unref();
  };
  const onAbort = (): void => stop('signal');
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs, 'timeout');
  signal.addEventListener('abort', onAbort, {once: true});
  const forceStop = (): void => killGroup(child, 'SIGKILL');
  process.on('exit', forceStop);
  const end = await endOf(child);
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  process.off('exit', forceStop);
  if (stoppedBy === 'signal') return ended({kind: 'cancelled'});
  if (stoppedBy === 'timeout') return failed('timeout', timedOutMessage(timeoutMs));
  return end === undefined ? ended({kind: 'succeeded', value: undefined}) : failed('error', end);
}

// What went wrong, or undefined.
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`the command could not be started: ${error.message}`));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(undefined);
      else
        resolve(code === null ? `the command was killed by ${killedBy}` : `the command ended with exit code ${code}`);
    });
  });
}

function killGroup({pid}: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

function ended(outcome: Attempt['outcome']): Attempt {
  return {outcome, uncaught: 0};
}

function failed(kind: 'error' | 'timeout', message: string): Attempt {
  return ended({kind: 'failed', failure: {kind, message}});
}
