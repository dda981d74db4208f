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
