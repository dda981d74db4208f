import {type ChildProcess, spawn} from 'node:child_process';
import {constants} from 'node:os';
import type {Readable, Writable} from 'node:stream';
import {usageOfGroup} from './group-usage.js';

/** How a process ended. */
export interface ProcessEnd {
  /** As a shell tells it: 128 and the number of the signal for a process that was killed, 127 for a program that is not there. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it was not even started. */
  readonly failure: string | undefined;
  /** It was stopped because the group had more in memory than it may. */
  readonly exceededMemory: boolean;
}

/** What a process is started with. */
export interface ProcessOptions {
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether something will be written to it. Default: its input is empty. */
  readonly hasInput?: boolean | undefined;
  /** What the group may have in memory; looked at from time to time: a guard, not a wall. Default: no limit. */
  readonly memoryLimitBytes?: number | undefined;
}

/** How long a group may take to end after it was asked to. */
const graceMs = 2000;
/** How often a group that was asked to end is looked at. */
const endLookMs = 20;
/** How often the memory of a group with a limit is looked at. */
const memoryLookMs = 50;

const alive = new Set<ProcessGroup>();

function killAll(): void {
  for (const group of alive) group.kill('SIGKILL');
}

/**
 * A process with all that it starts: they are one group and end together. None outlives this process, unless that is killed by force.
 */
export class ProcessGroup {
  /** Resolves when the process has ended and its output is read; once the group was stopped, when nobody of it lives any more. */
  readonly ended: Promise<ProcessEnd>;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #child: ChildProcess;
  readonly #memoryWatch: NodeJS.Timeout | undefined;
  #exceededMemory = false;
  #stopping: Promise<void> | undefined;
  #letGo: NodeJS.Timeout | undefined;

  constructor(file: string, args: readonly string[], {cwd, env, hasInput, memoryLimitBytes}: ProcessOptions) {
    const child = spawn(file, args, {cwd, env, detached: true, stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe']});
    this.#child = child;
    this.stdin = child.stdin ?? undefined;
    this.stdin?.on('error', () => {});
    this.stdout = child.stdout as Readable;
    this.stderr = child.stderr as Readable;
    if (alive.size === 0) process.on('exit', killAll);
    alive.add(this);
    if (memoryLimitBytes !== undefined) {
      this.#memoryWatch = setInterval(() => this.#lookAtMemory(memoryLimitBytes), memoryLookMs);
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => void this.#end(resolve, failureOf(file, cwd, error)));
      child.once('close', (code, signal) => {
        const number = signal === null ? 0 : (constants.signals[signal] ?? 0);
        const [exitCode, exceededMemory] = [code ?? 128 + number, this.#exceededMemory];
        void this.#end(resolve, {exitCode, signal: signal ?? undefined, failure: undefined, exceededMemory});
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
    if (!alive.has(this)) return;
    this.#stopping ??= this.#stopAll();
  }

  async #stopAll(): Promise<void> {
    this.kill('SIGTERM');
    const until = performance.now() + graceMs;
    while (this.#lives() && performance.now() < until) await new Promise((next) => setTimeout(next, endLookMs));
    this.kill('SIGKILL');
    // Whoever left the group may hold the pipes for ever.
    this.#letGo = setTimeout(
      () => {
        this.stdout.destroy();
        this.stderr.destroy();
      },
      Math.max(until - performance.now(), endLookMs),
    );
  }

  #lives(): boolean {
    const {pid} = this.#child;
    return pid !== undefined && usageOfGroup(pid).processes > 0;
  }

  #lookAtMemory(limit: number): void {
    const {pid} = this.#child;
    if (pid === undefined || this.#stopping || usageOfGroup(pid).residentBytes <= limit) return;
    this.#exceededMemory = true;
    this.stop();
  }

  async #end(resolve: (end: ProcessEnd) => void, end: ProcessEnd): Promise<void> {
    await this.#stopping;
    clearTimeout(this.#letGo);
    clearInterval(this.#memoryWatch);
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
  return {exitCode: code === 'EACCES' ? 126 : 127, signal: undefined, failure: reason, exceededMemory: false};
}
