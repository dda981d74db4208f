import {type ChildProcess, spawn} from 'node:child_process';
import {constants} from 'node:os';
import type {Readable, Writable} from 'node:stream';

/** How a process ended. */
export interface ProcessEnd {
  /** As a shell tells it: 128 and the number of the signal for a process that was killed, 127 for a program that is not there. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it was not even started. */
  readonly failure: string | undefined;
}

/** What a process is started with. */
export interface ProcessOptions {
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Whether something will be written to it. Default: its input is empty. */
  readonly hasInput?: boolean | undefined;
}

/** How long a group may take to end after it was asked to. */
const graceMs = 2000;

const alive = new Set<ProcessGroup>();

function killAll(): void {
  for (const group of alive) group.kill('SIGKILL');
}

/**
 * A process with all that it starts: they are one group and end together. None outlives this process, unless that is killed by force.
 */
export class ProcessGroup {
  readonly ended: Promise<ProcessEnd>;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #child: ChildProcess;
  #stopping: NodeJS.Timeout | undefined;

  constructor(file: string, args: readonly string[], {cwd, env, hasInput}: ProcessOptions) {
    const child = spawn(file, args, {cwd, env, detached: true, stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe']});
    this.#child = child;
    this.stdin = child.stdin ?? undefined;
    this.stdin?.on('error', () => {});
    this.stdout = child.stdout as Readable;
    this.stderr = child.stderr as Readable;
    if (alive.size === 0) process.on('exit', killAll);
    alive.add(this);
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => this.#end(resolve, failureOf(file, cwd, error)));
      // The group may have members left that hold no pipe: they end with their leader.
      child.once('exit', () => this.#stopping && this.kill('SIGKILL'));
      child.once('close', (code, signal) => {
        const number = signal === null ? 0 : (constants.signals[signal] ?? 0);
        this.#end(resolve, {exitCode: code ?? 128 + number, signal: signal ?? undefined, failure: undefined});
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return alive.has(this);
  }

  /** Sends a signal to the whole group; false when that has ended. */
  kill(signal: NodeJS.Signals): boolean {
    const {pid} = this.#child;
    if (pid === undefined || !alive.has(this)) return false;
    try {
      process.kill(-pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Asks the group to end, and ends it when it does not. */
  stop(): void {
    if (this.#stopping || !alive.has(this)) return;
    this.kill('SIGTERM');
    this.#stopping = setTimeout(() => {
      this.kill('SIGKILL');
      // Whoever left the group may hold the pipes for ever.
      this.stdout.destroy();
      this.stderr.destroy();
    }, graceMs);
  }

  #end(resolve: (end: ProcessEnd) => void, end: ProcessEnd): void {
    clearTimeout(this.#stopping);
    alive.delete(this);
    if (alive.size === 0) process.off('exit', killAll);
    resolve(end);
  }
}

function failureOf(file: string, cwd: string | undefined, {code, message}: NodeJS.ErrnoException): ProcessEnd {
  const reason =
    code === 'ENOENT'
      ? `${file}: not found${cwd === undefined ? '' : `, or there is no directory ${cwd}`}`
      : code === 'EACCES'
        ? `${file}: permission denied`
        : `${file}: ${message}`;
  return {exitCode: code === 'EACCES' ? 126 : 127, signal: undefined, failure: reason};
}
