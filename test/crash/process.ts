import {spawn} from 'node:child_process';

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const library = new URL('../../dist/index.js', import.meta.url).href;

/** What every program starts with: the library, and a few words. */
const prologue = `
  import {once} from 'node:events';
  import {isMainThread, parentPort, Worker, workerData} from 'node:worker_threads';
  import {setTimeout as sleep} from 'node:timers/promises';
  import {Lua, LuaError, Runtime, SlothError} from ${JSON.stringify(library)};
  const quiet = {graceMs: 50, stdout() {}, stderr() {}};
  const check = (ok, what) => { if (!ok) { console.error('not so: ' + what); process.exit(9); } };
`;

/** Runs a program in a process of its own, which is killed when it takes longer than a minute. */
export function runProcess(program: string, args: readonly string[] = []): Promise<Ended> {
  const words = [...args, '--input-type=module', '-e', prologue + program];
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({code, signal, stdout, stderr}));
  });
}

/** A program that starts a worker thread with the text of another one, which the prologue precedes. */
export function inWorker(inside: string, outside: string): string {
  return `
    const inside = ${JSON.stringify(prologue + inside)};
    const start = (options) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(inside)), options);
    ${outside}`;
}
