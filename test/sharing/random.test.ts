/** Random programs that share see the same wherever their goroutines run. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {LuaFunction, Runtime, SlothError} from '../../lib/index.js';
import {luaOf, randomPrograms} from './random-program.js';

// A failure prints the smallest program that shows it, and the seed, which SLOTH_MODEL_SEED takes back.
const seed = Number(process.env['SLOTH_MODEL_SEED'] ?? Date.now() % 1_000_000);
const workers = Number(process.env['SLOTH_MODEL_WORKERS'] ?? 2);
const numRuns = Number(process.env['SLOTH_MODEL_RUNS'] ?? 500);

test.each([
  ['that run once', false],
  ['that JavaScript calls twice', true],
])(
  'programs %s see what they would see if all goroutines shared one heap',
  {timeout: 600_000},
  async (_how, called) => {
    const runtime = new Runtime({workers, stderr: () => {}});
    const options = {chunkName: '=random', timeoutMs: 20_000};
    let parallel = 0;
    let runs = 0;
    const take = ([text, count]: readonly unknown[]): string => {
      parallel += Number(count);
      return String(text);
    };
    // What a program saw, or how it failed: some take what is not there.
    const seenBy = async (source: string): Promise<string> => {
      let all = '';
      try {
        if (!called) return take(await runtime.run(source, options));
        const [run] = await runtime.run(source, options);
        if (!(run instanceof LuaFunction)) throw new Error('not a function');
        for (let call = 0; call < 2; call += 1) all += take(await run.call());
        run.release();
      } catch (error) {
        if (!(error instanceof SlothError)) throw error;
        all += error.code;
      }
      return all;
    };
    try {
      await fc.assert(
        fc.asyncProperty(randomPrograms, async (program) => {
          const expected = await seenBy(luaOf(program, {home: true, called}));
          const source = luaOf(program, {home: false, called});
          const seen = await seenBy(source);
          runs += 1;
          if (seen !== expected) throw new Error(`${source}\n-- saw\n${seen}\n-- instead of\n${expected}`);
        }),
        {seed, numRuns},
      );
    } finally {
      await runtime.close();
    }
    // Some must have had nothing to stay home for, or this shows nothing.
    expect(parallel).toBeGreaterThan(runs / 20);
  },
);
