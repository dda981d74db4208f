import {describe, expect, test} from 'vitest';
import {Runtime} from '../../lib/index.js';
import {programs, runProgram} from './programs.mjs';

/** Declares the tests of one group of programs, in their short form: each with 1, 2 and 4 workers. */
export function stressTests(group: string): void {
  const seed = Number(process.env['SLOTH_STRESS_SEED'] ?? Date.now() % 1_000_000);
  for (const program of programs.filter((candidate) => candidate.group === group)) {
    describe(program.title, () => {
      test.each([1, 2, 4])('with %i workers', async (workers) => {
        const counted = await runProgram({Runtime, program, size: program.short, workers, seed});
        expect(counted).toBeTypeOf('object');
      });
    });
  }
}
