import {spawn} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {Journal} from '../../../lib/task/journal/journal.js';
import type {RunHistory} from '../../../lib/task/journal/run-history.js';
import {SlothFolder} from '../../../lib/task/journal/sloth-folder.js';
import {temporaryFolder} from '../../support/bundle-program.js';

// The runner is killed at random moments and goes on, until the workflow is through. `npm run stress -- --only crashes` does it
// 200 times each way on each store.
const seed = Number(process.env['SLOTH_CRASH_SEED'] ?? Date.now() % 1_000_000);
const kills = Number(process.env['SLOTH_CRASH_KILLS'] ?? 3);
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const program = fileURLToPath(new URL('./crash.sloth', import.meta.url));

/** Park and Miller's generator, so that a seed repeats the moments. */
function chance(from: number): (below: number) => number {
  let state = (from % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

interface Ended {
  readonly code: number | null;
  readonly wasKilled: boolean;
  readonly stderr: string;
}

/** Runs the workflow, or goes on with it, and kills it some microseconds after it has told so many events. */
function runUntilKilled(folder: string, store: string, resume: boolean, events: number, spins: number): Promise<Ended> {
  const args = [main, 'run', 'crash.sloth', '--json', '--max-concurrency', '4', ...(resume ? ['--resume'] : [])];
  const env = {...process.env, SLOTH_JOURNAL: store};
  const child = spawn(process.execPath, args, {cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe']});
  let stderr = '';
  let lines = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    lines += bytes.filter((byte) => byte === 0x0a).length;
    if (lines < events) return;
    const until = performance.now() + spins / 1000;
    while (performance.now() < until) {
      // Another moment of the same turn.
    }
    child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({code, wasKilled: signal === 'SIGKILL', stderr}));
  });
}

function historyIn(folder: string, store: 'sqlite' | 'log'): RunHistory | undefined {
  const journal = Journal.open(new SlothFolder(join(folder, '.sloth')), store);
  try {
    const [latest] = journal.list(1);
    return latest && journal.read(latest.id);
  } finally {
    journal.close();
  }
}

function finishedIn(history: RunHistory | undefined): readonly string[] {
  const tasks = history?.workflows.get('crash')?.tasks ?? new Map<string, never>();
  return [...tasks].flatMap(([name, {result}]) => (result?.outcome.kind === 'succeeded' ? [name] : []));
}

function callsIn(folder: string): readonly string[] {
  const path = join(folder, 'calls.log');
  // Killed between opening and writing: the file is there and has no line.
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function newFolder(breaks: boolean): string {
  const folder = temporaryFolder();
  for (const name of ['effects', 'undone']) mkdirSync(join(folder, name));
  copyFileSync(program, join(folder, 'crash.sloth'));
  if (breaks) writeFileSync(join(folder, 'break'), '');
  return folder;
}

/** Kills and goes on until the workflow is through; checks what must hold on the way, and answers how often it was killed. */
async function throughCrashes(store: 'sqlite' | 'log', breaks: boolean, most: number, random: (n: number) => number) {
  const folder = newFolder(breaks);
  let killed = 0;
  let history: RunHistory | undefined;
  for (;;) {
    const before = callsIn(folder).length;
    const finished = new Set(finishedIn(history));
    const isUndoing = callsIn(folder).some((call) => call.startsWith('undo'));
    const events = killed < most ? 1 + random(260) : Number.POSITIVE_INFINITY;
    const ended = await runUntilKilled(folder, store, history !== undefined, events, random(2000));
    const calls = callsIn(folder).slice(before);
    const again = calls.filter((call) => finished.has(call.split(' ')[1] ?? '') && call.startsWith('run'));
    expect(again, 'what the journal called finished ran again').toEqual([]);
    if (isUndoing)
      expect(
        calls.filter((call) => call.startsWith('run')),
        'a task ran while others were undone',
      ).toEqual([]);
    for (const call of calls) expect(call).toMatch(/^(run t?\w+ 1 (true|false)|undo t\d+)$/);
    if (!ended.wasKilled) {
      expect(ended, ended.stderr).toMatchObject({code: breaks ? 4 : 0});
      break;
    }
    killed += 1;
    history = historyIn(folder, store);
    // Killed when all was written down: going on would be a new try of what failed.
    if (history?.workflows.get('crash')?.ended) break;
  }
  const keys = readdirSync(join(folder, 'effects'));
  expect(keys.length, 'a task had more than one idempotency key').toBe(50);
  const undone = readdirSync(join(folder, 'undone'));
  expect(undone).toHaveLength(breaks ? 25 : 0);
  const runs = new Set([...keys, ...undone].map((key) => key.split('+')[0]));
  expect(runs.size, 'a resumed run has another id').toBe(1);
  expect(historyIn(folder, store)?.workflows.get('crash')?.ended?.success).toBe(!breaks);
  rmSync(folder, {recursive: true, force: true});
  return killed;
}

describe.each(['sqlite', 'log'] as const)('a run killed at random moments, its journal as %s', (store) => {
  it.each([
    ['goes on where it was', false],
    ['undoes what was done, each thing once', true],
  ])(`%s (SLOTH_CRASH_SEED=${seed})`, {timeout: 120_000 + kills * 15_000}, async (_what, breaks) => {
    const random = chance(seed + Number(breaks));
    let total = 0;
    while (total < kills) total += await throughCrashes(store, breaks, Math.min(5, kills - total), random);
    expect(total).toBeGreaterThanOrEqual(kills);
  });
});
