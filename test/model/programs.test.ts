import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {programs, type Theme} from './arbitrary.js';
import type {Program} from './program.js';
import {checkVirtually, type History, ModelRig} from './run-program.js';

// What fails prints its program and history, and the seed: SLOTH_MODEL_SEED repeats a round. `npm run stress` makes rounds
// longer.
const seed = Number(process.env['SLOTH_MODEL_SEED'] ?? Date.now() % 1_000_000);
const runs = Number(process.env['SLOTH_MODEL_RUNS'] ?? 250);
const workerCounts = (process.env['SLOTH_MODEL_WORKERS'] ?? '1,2,4').split(',').map(Number);

/** Answers that say a program got somewhere; each theme has to see its own. */
const reached: Readonly<Record<Theme, readonly string[]>> = {
  channels: ['send true', 'receive N true', 'receive nil false', 'receive nil false timeout', 'try-receive N true'],
  select: ['select N', 'select N N true', 'select N nil true', 'select timeout', 'select error send on closed channel'],
  locks: ['lock true', 'lock true abandoned', 'lock false timeout', 'unlock', 'wait true', 'done'],
  synchronization: [
    'rwmutex true',
    'rwmutex false',
    'rwmutex true abandoned',
    'semaphore true',
    'semaphore false',
    'latch true',
    'once N',
    'once error no N',
  ],
  everything: ['send true', 'select N N true', 'lock true', 'wait true', 'cancel'],
};

const themes = Object.keys(reached) as Theme[];

/** Programs of a theme, each checked; every answer that the theme is about has to come. */
async function checkPrograms(theme: Theme, check: (program: Program) => Promise<History>): Promise<void> {
  const answers = new Set<string>();
  const property = fc.asyncProperty(programs(theme), async (program) => {
    const {events} = await check(program);
    for (const {kind, actor, step, answer} of events) {
      const operation = program.actors[actor]?.operations[step]?.kind;
      if (kind === 'end') answers.add(`${operation} ${answer.replaceAll(/\d+/g, 'N')}`.trim());
    }
  });
  await fc.assert(property, {seed, numRuns: runs});
  expect([...answers]).toEqual(expect.arrayContaining([...reached[theme]]));
}

describe.each(workerCounts)('with %i workers', (workers) => {
  const rig = new ModelRig({workers, seed});
  afterAll(() => rig.close());

  test.each(themes)('random programs do what the models allow: %s', async (theme) => {
    await checkPrograms(theme, (program) => rig.check(program));
  });
});

describe('with a virtual clock', () => {
  test.each(themes)('random programs do what the models allow, and repeat: %s', async (theme) => {
    await checkPrograms(theme, (program) => checkVirtually(program, seed));
  });
});
