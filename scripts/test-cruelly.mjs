// Runs the tests of Lua on an addon in which rare things happen all the time (native/base/cruelty.h), once for each switch.
//
//   npm run test:cruel [-- --only=preempt] [--seed=7] [words for vitest]
//
// A failure is run again with the switch and the seed it prints.
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {root, run, whenProgram} from './support/run.mjs';
import {buildWithCMake} from './test-native.mjs';

const lua = ['test/lua', 'test/sharing', 'test/model'];

/** Switches, and the tests that meet them. All together they are too slow for tests that are slow already. */
const rounds = [
  ['preempt', lua],
  ['scatter', lua],
  ['collect', lua],
  ['drain', ['test/door', 'test/model']],
  [
    'preempt,scatter,collect,drain',
    ['test/model', 'test/lua/channel', 'test/lua/select', 'test/lua/sync', 'test/lua/pool'],
  ],
];

await whenProgram(import.meta.url, async () => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {only: {type: 'string', default: ''}, seed: {type: 'string', default: String(Date.now() % 1_000_000)}},
  });
  const chosen = rounds.filter(([name]) => (values.only ? name === values.only : true));
  if (chosen.length === 0) {
    throw new Error(`no such round: ${values.only} (there are: ${rounds.map(([name]) => name).join(' ')})`);
  }
  const folder = await buildWithCMake(['sloth_runner'], {name: 'cruel', definitions: ['SLOTH_CRUELTY=ON']});
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const failed = [];
  for (const [name, tests] of chosen) {
    console.log(`\nSLOTH_CRUELTY=${name} SLOTH_CRUELTY_SEED=${values.seed}`);
    const env = {
      SLOTH_RUNNER_BINARY: join(folder, 'Debug', 'sloth_runner.node'),
      SLOTH_CRUELTY: name,
      SLOTH_CRUELTY_SEED: values.seed,
      SLOTH_MODEL_SEED: values.seed,
    };
    const words = positionals.length > 0 ? positionals : tests;
    const {status} = await run(process.execPath, [vitest, 'run', '--reporter=dot', ...words], {env});
    if (status !== 0) failed.push(name);
  }
  for (const name of failed) console.log(`failed: npm run test:cruel -- --only=${name} --seed=${values.seed}`);
  console.log(`\n${chosen.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
