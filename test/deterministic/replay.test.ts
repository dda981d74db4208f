import {execFile} from 'node:child_process';
import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {describe, expect, it} from 'vitest';
import {programs, runVirtual, traceOf} from './virtual-run.js';

describe.each(programs)('%s', (_name, source) => {
  it.each([1, 2, 3])('is the same in 50 runs with seed %i, with 1 and 2 workers', async (seed) => {
    const first = await traceOf(source, {seed});
    for (let run = 1; run < 50; run += 1) {
      expect(await traceOf(source, {seed, workers: 1 + (run % 2)})).toBe(first);
    }
  });

  it('differs between seeds', async () => {
    const traces = new Set<string>();
    for (let seed = 0; seed < 10; seed += 1) traces.add(await traceOf(source, {seed}));
    expect(traces.size).toBeGreaterThan(1);
  });
});

describe('in a process', () => {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const programPath = (name: string) => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
  const cores = availableParallelism() > 1 ? ['0', '0-1'] : ['0'];

  it.each(programs)('%s is the same on one core and on two', async (name) => {
    const outputs = new Set<string>();
    for (const list of [...cores, ...cores]) {
      const words = ['-c', list, process.execPath, main, 'run', '--seed', '5', '--virtual-time', programPath(name)];
      const {stdout, stderr} = await promisify(execFile)('taskset', words).catch((error) => error);
      outputs.add(`${stdout}${stderr}`);
    }
    expect([...outputs]).toEqual([expect.stringMatching(/./)]);
  });
});

it('reports the deadlock of the program that has one', async () => {
  const kinds = new Set<string>();
  const source = programs.find(([name]) => name === 'failing.lua')?.[1] ?? '';
  for (let seed = 0; seed < 40; seed += 1) {
    const {kind, message} = await runVirtual(source, {seed});
    kinds.add(kind);
    if (kind === 'deadlock') expect(message).toContain('2 goroutines are blocked and nothing can wake them');
  }
  expect(kinds).toEqual(new Set(['deadlock', 'succeeded']));
});

it('never loses an update between goroutines that share a variable', async () => {
  const source = `
    local counter, handles = 0, {}
    for i = 1, 100 do handles[i] = goroutine.async(function() counter = counter + 1 end) end
    goroutine.await_all(handles)
    return counter`;
  for (let seed = 0; seed < 50; seed += 1) expect((await runVirtual(source, {seed})).values).toEqual([100]);
});
