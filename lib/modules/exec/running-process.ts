import {formatBytes} from '../../util/format-bytes.js';
import {formatDuration} from '../../util/format-duration.js';
import {ProcessGroup} from '../../util/process-group.js';
import type {Command} from './command.js';
import {LineBuffer} from './line-buffer.js';

/** How much of each stream a result may hold. */
const mostBytes = 256 * 1024 * 1024;

/** What became of a command. */
export interface Ended {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
  /** What went wrong; empty where only the exit code tells. */
  readonly problem: string | undefined;
}

/** A process that a program started. */
export class RunningProcess {
  readonly ended: Promise<Ended>;
  readonly #group: ProcessGroup;
  readonly #lines: LineBuffer | undefined;
  readonly #kept: Record<'stdout' | 'stderr', Buffer[]> = {stdout: [], stderr: []};
  readonly #sizes = {stdout: 0, stderr: 0};
  #problem: {readonly text: string; readonly exitCode?: number} | undefined;

  /** @param memoryLimitBytes what its process group may have in memory. */
  constructor({file, args, cwd, env, input, timeoutMs, lines, capture}: Command, memoryLimitBytes?: number) {
    this.#group = new ProcessGroup(file, args, {cwd, env, hasInput: input !== undefined, memoryLimitBytes});
    if (input !== undefined && input !== 'open') this.#group.stdin?.end(input);
    this.#lines = lines ? new LineBuffer(this.#group.stdout, this.#group.stderr) : undefined;
    for (const stream of ['stdout', 'stderr'] as const) {
      if (capture) this.#group[stream].on('data', (bytes: Buffer) => this.#keep(stream, bytes));
    }
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
    this.ended = this.#group.ended.then(({exitCode, signal, failure, exceededMemory}) => {
      clearTimeout(timer);
      this.#lines?.end();
      if (exceededMemory) {
        const most = formatBytes(memoryLimitBytes ?? 0);
        this.#problem ??= {text: `the command had more in memory than the ${most} it may have`};
      }
      const problem =
        this.#problem?.text ?? failure ?? (signal ? `killed by ${signal}` : exitCode === 0 ? undefined : '');
      const [stdout, stderr] = [Buffer.concat(this.#kept.stdout), Buffer.concat(this.#kept.stderr)];
      return {stdout, stderr, exitCode: this.#problem?.exitCode ?? exitCode, problem};
    });
  }

  get pid(): number | undefined {
    return this.#group.pid;
  }

  get isAlive(): boolean {
    return this.#group.isAlive;
  }

  /** Lines that came since, as pairs of 1 (stdout) or 2 (stderr) and the line; nothing when there will be no more. */
  nextLines(signal: AbortSignal): Promise<(number | Uint8Array)[] | undefined> {
    if (!this.#lines) throw new Error('the lines of this process are not read');
    return this.#lines.next(signal);
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.#group.kill(signal);
  }

  stop(): void {
    this.#lines?.discard();
    this.#group.stop();
  }

  /** Writes to its input; resolves when that has taken it. */
  write(text: string | Uint8Array): Promise<string | undefined> {
    const {stdin} = this.#group;
    if (!stdin) throw new Error('the process was started without stdin = true');
    return new Promise((resolve) => stdin.write(text, (error) => resolve(error ? error.message : undefined)));
  }

  closeInput(): void {
    this.#group.stdin?.end();
  }

  #keep(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#sizes[stream] += bytes.length;
    if (this.#sizes[stream] <= mostBytes) this.#kept[stream].push(bytes);
    else if (!this.#problem) {
      this.#problem = {text: `the command wrote more than ${mostBytes / 1024 / 1024} MiB to ${stream}`};
      this.stop();
    }
  }

  #timeOut(timeoutMs: number): void {
    if (!this.#group.isAlive) return;
    // As the command `timeout` does.
    this.#problem ??= {text: `not done after ${formatDuration(timeoutMs)}`, exitCode: 124};
    this.stop();
  }
}
