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
  const check = async (program: Parameters<typeof luaOf>[0]) => {
    const options = {chunkName: '=random', timeoutMs: 20_000};
    const [expected] = await runtime.run(luaOf(program, true), options);
    const source = luaOf(program, false);
    const [seen, count] = await runtime.run(source, options);
    runs += 1;
    parallel += Number(count);
    if (seen !== expected) throw new Error(`${source}\n-- saw\n${seen}\n-- instead of\n${expected}`);
  };
  try {
    await fc.assert(fc.asyncProperty(randomPrograms, check), {seed, numRuns});
  } finally {
    await runtime.close();
  }
  // Some must have had nothing to stay home for, or this shows nothing.
  expect(parallel).toBeGreaterThan(runs / 20);
});
