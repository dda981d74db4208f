import {spawn} from 'node:child_process';
import {readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {JournalRecord} from '../../../lib/task/journal/journal-record.js';
import {openStores} from '../../../lib/task/journal/open-stores.js';
import {SlothFolder} from '../../../lib/task/journal/sloth-folder.js';
import {type BundledProgram, bundleProgram, temporaryFolder} from '../../support/bundle-program.js';

const seed = Number(process.env['SLOTH_CRASH_SEED'] ?? Date.now() % 1_000_000);
const rounds = Number(process.env['SLOTH_CRASH_ROUNDS'] ?? 8);
const run = '20260101-000000-000aaa';
const folders: string[] = [];

function newFolder(): SlothFolder {
  const path = temporaryFolder();
  folders.push(path);
  return new SlothFolder(join(path, '.sloth')).create();
}

interface Numbered extends JournalRecord {
  readonly number: number;
}

function record(number: number, kind = 'number'): Numbered {
  return {kind, at: 0, number};
}

let program: BundledProgram;
beforeAll(async () => {
  program = await bundleProgram(new URL('./append-for-ever.ts', import.meta.url));
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** Runs the program until it has printed so many numbers, kills it, and answers the last number it printed. */
function appendUntilKilled(folder: SlothFolder, choice: string, acknowledged: number): Promise<number> {
  const child = spawn(process.execPath, [program.path, folder.path, choice, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (text.split('\n').length > acknowledged) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(Number(text.split('\n').slice(0, -1).at(-1)));
      else reject(new Error('the program ended by itself'));
    });
  });
}

describe.each(['sqlite', 'log'] as const)('the journal as %s', (choice) => {
  it('gives records back in order, also to another process that opens it', async () => {
    const folder = newFolder();
    const [store] = openStores(folder, choice);
    expect(store.name).toBe(choice);
    await store.append(run, [record(1), record(2)], 'process');
    await store.append(run, [record(3)], 'disk');
    const [other] = openStores(folder, choice);
    expect(other.read(run)).toEqual([record(1), record(2), record(3)]);
    expect(other.ends(run)).toEqual({first: record(1), last: record(3)});
    store.close();
    other.close();
  });

  it('lists runs newest first, and forgets one', async () => {
    const [store] = openStores(newFolder(), choice);
    const ids = ['20260101-000000-000aaa', '20260301-000000-000aaa', '20260201-000000-000aaa'];
    for (const id of ids) await store.append(id, [record(1)], 'process');
    expect(store.runs()).toEqual([...ids].sort().reverse());
    store.remove('20260301-000000-000aaa');
    expect(store.runs()).toEqual(['20260201-000000-000aaa', '20260101-000000-000aaa']);
    expect(store.read('20260301-000000-000aaa')).toEqual([]);
    expect(store.ends('20260301-000000-000aaa')).toBeUndefined();
    store.close();
  });

  it('keeps of each slot the last record, and what fills none', async () => {
    const [store] = openStores(newFolder(), choice);
    const all = [record(1, 'state'), record(2), record(3, 'state'), record(4), record(5, 'state')];
    for (const one of all) await store.append(run, [one], 'process');
    await store.compact(run, ({kind}) => (kind === 'state' ? kind : undefined));
    expect(store.read(run)).toEqual([record(2), record(4), record(5, 'state')]);
    await store.append(run, [record(6)], 'process');
    expect(store.read(run).at(-1)).toEqual(record(6));
    store.close();
  });

  it(`loses nothing it acknowledged when its process is killed (SLOTH_CRASH_SEED=${seed})`, async () => {
    const folder = newFolder();
    let random = seed;
    for (let round = 0; round < rounds; round += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      const acknowledged = await appendUntilKilled(folder, choice, 1 + (random % 120));
      const [store] = openStores(folder, choice);
      const numbers = (store.read(run) as readonly Numbered[]).map(({number}) => number);
      store.close();
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
      expect(numbers).toEqual(numbers.map((_, index) => index));
    }
  });

  it('says which file is no journal', () => {
    const folder = newFolder();
    writeFileSync(
      choice === 'sqlite' ? folder.database : folder.runs,
      'something else entirely, and longer than a header',
    );
    expect(() => openStores(folder, choice)).toThrow(/^the journal .* cannot be used: /);
  });
});

describe('the journal as log', () => {
  const path = (folder: SlothFolder): string => join(folder.runs, `${run}.jsonl`);

  async function threeCommits(): Promise<{readonly folder: SlothFolder; readonly whole: Buffer}> {
    const folder = newFolder();
    const [store] = openStores(folder, 'log');
    for (const number of [1, 2, 3]) await store.append(run, [record(number), record(-number)], 'process');
    store.close();
    return {folder, whole: readFileSync(path(folder))};
  }

  it('is whole up to the last commit wherever its end was torn off, and goes on behind that', async () => {
    const {folder, whole} = await threeCommits();
    const secondEnd = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = secondEnd; length < whole.length; length += 1) {
      writeFileSync(path(folder), whole.subarray(0, length));
      const [store] = openStores(folder, 'log');
      expect(store.read(run)).toEqual([record(1), record(-1), record(2), record(-2)]);
      await store.append(run, [record(9)], 'process');
      expect(store.read(run).slice(4)).toEqual([record(9)]);
      store.close();
    }
  });

  it('names the damaged line when whole ones follow it', async () => {
    const {folder, whole} = await threeCommits();
    const damaged = Buffer.from(whole);
    damaged[whole.indexOf('\n') + 20] = 0x21;
    writeFileSync(path(folder), damaged);
    const [store] = openStores(folder, 'log');
    expect(() => store.read(run)).toThrow(/is damaged in line 2; remove the file to forget that run/);
    store.close();
  });

  it('does not read a line that was cut and grew again', async () => {
    const {folder, whole} = await threeCommits();
    truncateSync(path(folder), whole.length - 5);
    truncateSync(path(folder), whole.length);
    const [store] = openStores(folder, 'log');
    expect(store.read(run)).toHaveLength(4);
    store.close();
  });
});

it('finds the runs of the other implementation, too', async () => {
  const folder = newFolder();
  const [log] = openStores(folder, 'log');
  await log.append(run, [record(1)], 'process');
  log.close();
  const stores = openStores(folder, 'auto');
  expect(stores.map(({name}) => name)).toEqual(['sqlite', 'log']);
  expect(stores[1]?.read(run)).toEqual([record(1)]);
  for (const store of stores) store.close();
});
