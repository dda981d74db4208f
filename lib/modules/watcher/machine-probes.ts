import {readdir, readFile} from 'node:fs/promises';
import {createConnection} from 'node:net';
import {cpus, freemem, totalmem} from 'node:os';
import type {readCommand} from '../exec/command.js';
import {RunningProcess} from '../exec/running-process.js';
import {type Change, Edge, type Probe} from './probe.js';

type Command = Awaited<ReturnType<typeof readCommand>>;

const connectMs = 2000;

/** Whether a process of that name, or that number, runs. */
export function processProbe(wanted: string | number): Probe {
  const edge = new Edge('started', 'stopped');
  return {
    async look() {
      const pids = typeof wanted === 'number' ? await alive(wanted) : await pidsOf(wanted);
      return edge.changes(pids.length > 0, {process: wanted, pids});
    },
  };
}

/** Whether somebody listens at a port. */
export function portProbe(host: string, port: number): Probe {
  const edge = new Edge('opened', 'closed');
  return {
    async look(signal) {
      return edge.changes(await isOpen(host, port, signal), {host, port});
    },
  };
}

/** Whether the processors are busy above a percentage, since the look before. */
export function cpuProbe(threshold: number): Probe {
  const edge = new Edge('high', 'normal', false);
  let before = times();
  return {
    async look() {
      const now = times();
      const total = now.total - before.total;
      const value = total > 0 ? (100 * (now.busy - before.busy)) / total : 0;
      before = now;
      return edge.changes(value > threshold, {value, threshold});
    },
  };
}

/** Whether more than a percentage of the memory is in use. */
export function memoryProbe(threshold: number): Probe {
  const edge = new Edge('high', 'normal', false);
  return {
    async look() {
      const value = 100 * (1 - freemem() / totalmem());
      return edge.changes(value > threshold, {value, threshold});
    },
  };
}

/** Whether a command succeeds; `names` are what it is called when it does and when it does not. */
export function commandProbe(command: Command, names: readonly [string, string], about: Change['data']): Probe {
  const edge = new Edge(...names);
  return {
    async look(signal) {
      const process = new RunningProcess(command);
      const stop = (): void => process.stop();
      signal.addEventListener('abort', stop, {once: true});
      const {exitCode, stdout} = await process.ended;
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return [];
      return edge.changes(exitCode === 0, {...about, exit_code: exitCode, stdout: Buffer.from(stdout).toString()});
    },
  };
}

async function pidsOf(name: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // The kernel keeps 15 characters of a name; the whole is in the command line.
    const [comm, line] = await Promise.all([textOf(`/proc/${entry}/comm`), textOf(`/proc/${entry}/cmdline`)]);
    const program = line.split('\0')[0]?.split('/').at(-1);
    if (comm.trimEnd() === name || program === name) found.push(Number(entry));
  }
  return found;
}

async function alive(pid: number): Promise<number[]> {
  return (await textOf(`/proc/${pid}/comm`)) === '' ? [] : [pid];
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function isOpen(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({host, port, signal});
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(connectMs, () => end(false));
    socket.once('connect', () => end(true)).on('error', () => end(false));
  });
}

function times(): {readonly busy: number; readonly total: number} {
  let [busy, total] = [0, 0];
  for (const {times: one} of cpus()) {
    const sum = one.user + one.nice + one.sys + one.irq + one.idle;
    total += sum;
    busy += sum - one.idle;
  }
  return {busy, total};
}
