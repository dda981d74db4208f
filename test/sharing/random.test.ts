/** Random programs that share see the same wherever their goroutines run. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Runtime} from '../../lib/index.js';
import {luaOf, randomPrograms} from './random-program.js';

// A failure prints the smallest program that shows it, and the seed, which SLOTH_MODEL_SEED takes back.
const seed = Number(process.env['SLOTH_MODEL_SEED'] ?? Date.now() % 1_000_000);
const numRuns = Number(process.env['SLOTH_MODEL_RUNS'] ?? 1000);

test('random programs see what they would see if all goroutines shared one heap', {timeout: 600_000}, async () => {
  const runtime = new Runtime({workers: 2, stderr: () => {}});
  let parallel = 0;
  let runs = 0;
  // What a program returned, or how it failed: some take what is not there.
  const seenBy = async (source: string) => {
    const {kind, values} = await runtime.start(source, {chunkName: '=random', timeoutMs: 20_000}).report;
    return {text: kind === 'succeeded' ? String(values[0]) : kind, parallel: Number(values[1] ?? 0)};
  };
  const check = async (program: Parameters<typeof luaOf>[0]) => {
    const expected = await seenBy(luaOf(program, true));
    const source = luaOf(program, false);
    const seen = await seenBy(source);
    runs += 1;
    parallel += seen.parallel;
    if (seen.text !== expected.text)
      throw new Error(`${source}\n-- saw\n${seen.text}\n-- instead of\n${expected.text}`);
  };
  try {
    await fc.assert(fc.asyncProperty(randomPrograms, check), {seed, numRuns});
  } finally {
    await runtime.close();
  }
  // Some must have had nothing to stay home for, or this shows nothing.
  expect(parallel).toBeGreaterThan(runs / 20);
});
