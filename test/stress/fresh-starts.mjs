// Starts a process again and again, each time with other addresses and another hash seed: each must find its snapshots good
// and start islands as clones.
//
//   node test/stress/fresh-starts.mjs <count> <workers> <first seed>
//
// The process is native/runtime/program_bench.cc, which starts in a few milliseconds.
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {root, whenProgram} from '../../scripts/support/run.mjs';
import {buildWithCMake} from '../../scripts/test-native.mjs';

const program = join(root, 'test', 'stress', 'programs', 'clones.lua');

await whenProgram(import.meta.url, async () => {
  const [count, workers, firstSeed] = process.argv.slice(2).map(Number);
  const folder = await buildWithCMake(['program_bench']);
  const start = async (number) => {
    const env = {...process.env, SLOTH_BENCH_SEED: String(firstSeed + number)};
    const {stdout} = await promisify(execFile)(join(folder, 'program_bench'), [String(workers), program], {env});
    const counts = JSON.parse(stdout.trimEnd().split('\n').at(-1));
    if (counts.refused !== 0 || counts.cloned === 0 || counts.result !== 1)
      throw new Error(`start ${number} of ${count} (seed ${firstSeed + number}): ${stdout}`);
  };
  let next = 0;
  const many = Array.from({length: 4}, async () => {
    while (next < count) await start(next++);
  });
  await Promise.all(many);
  console.log(`${count} starts, every snapshot was good`);
});
