// Runs the stress programs in their long form, each in a process of its own with 1, 2 and 4 workers, the random programs
// of test/model and test/sharing as `models`, worker threads that are terminated as `worker-threads`, a CSV file of 1 GiB as
// `large-csv`, and task runs that are killed and go on as `crashes`.
//
//   npm run stress [-- --minutes 10] [--seed n] [--only name] [--short]
//
//   --minutes n   starts nothing new after n minutes (default 10); goes round again with other seeds while there is time
//   --seed n      the seed of the first round; printed, so that a failure can be run again
//   --only name   the programs whose names contain it
//   --short       the sizes of the tests
//
// A program that takes longer than five minutes (`large-csv`: a quarter of an hour, `crashes`: an hour) hangs: it is ended with SIGABRT, which is a failure.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {root, whenProgram} from '../../scripts/support/run.mjs';
import {programs} from './programs.mjs';

const largeCsv = fileURLToPath(new URL('./large-csv.mjs', import.meta.url));
const threads = fileURLToPath(new URL('./worker-threads.mjs', import.meta.url));
const child = fileURLToPath(new URL('./run-program.mjs', import.meta.url));
// With two workers only.
const onTwo = ['worker-threads', 'large-csv', 'state-crashes', 'crashes'];
const random = ['test/model/programs.test.ts', 'test/sharing/random.test.ts'];

const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', `file://${root}/`));
const freshStarts = fileURLToPath(new URL('./fresh-starts.mjs', import.meta.url));

function commandOf({name, form, workers, seed}) {
  if (name === 'crashes') {
    const words = [vitest, 'run', 'test/task/journal/crash.test.ts', '--testTimeout=3000000', '--silent'];
    return {words, env: {SLOTH_CRASH_SEED: seed, SLOTH_CRASH_KILLS: form === 'long' ? 200 : 3}, limit: 3_600_000};
  }
  if (name === 'state-crashes') {
    const words = [vitest, 'run', 'test/modules/state.test.ts', '--testTimeout=3000000', '--silent'];
    return {words, env: {SLOTH_STATE_SEED: seed, SLOTH_STATE_KILLS: form === 'long' ? 100 : 6}, limit: 3_600_000};
  }
  if (name === 'worker-threads') {
    const rounds = form === 'long' ? 100 : 6;
    return {words: ['--expose-gc', threads, JSON.stringify({rounds, threads: 8, seed})], env: {}};
  }
  if (name === 'fresh-starts')
    return {words: [freshStarts, form === 'long' ? '3500' : '200', `${workers}`, `${seed}`], env: {}};
  if (name === 'large-csv')
    return {words: [largeCsv, form === 'long' ? '1024' : '16', `${workers}`], env: {}, limit: 900_000};
  if (name !== 'models') return {words: [child, JSON.stringify({name, form, workers, seed})], env: {}};
  const env = {SLOTH_MODEL_SEED: seed, SLOTH_MODEL_WORKERS: workers, SLOTH_MODEL_RUNS: form === 'long' ? 3_000 : 250};
  return {words: [vitest, 'run', ...random, '--testTimeout=300000', '--silent'], env};
}

function runOnce(what) {
  return new Promise((resolve) => {
    const {words, env, limit = 300_000} = commandOf(what);
    const options = {
      cwd: root,
      env: {...process.env, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limit,
      killSignal: 'SIGABRT',
    };
    const process_ = spawn(process.execPath, words, options);
    let output = '';
    for (const stream of [process_.stdout, process_.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    process_.once('close', (code, signal) =>
      resolve({ok: code === 0, output: output.trim() || `ended with ${signal ?? code}`}),
    );
  });
}

await whenProgram(import.meta.url, async () => {
  const {values} = parseArgs({
    options: {
      minutes: {type: 'string', default: '10'},
      seed: {type: 'string', default: String(Date.now() % 1_000_000)},
      only: {type: 'string', default: ''},
      short: {type: 'boolean', default: false},
    },
  });
  const until = Date.now() + Number(values.minutes) * 60_000;
  const others = ['models', 'worker-threads', 'fresh-starts', 'large-csv', 'state-crashes', 'crashes'].map((name) => ({
    name,
  }));
  const chosen = [...programs, ...others].filter(({name}) => name.includes(values.only));
  if (chosen.length === 0) throw new Error(`no program has ${values.only} in its name`);
  const failures = [];
  let count = 0;
  console.log(`seed ${values.seed}`);
  for (let seed = Number(values.seed); Date.now() < until; seed++) {
    for (const {name} of chosen) {
      for (const workers of onTwo.includes(name) ? [2] : [1, 2, 4]) {
        if (Date.now() >= until) break;
        const startedAt = Date.now();
        const {ok, output} = await runOnce({name, form: values.short ? 'short' : 'long', workers, seed});
        const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
        console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}, ${workers} workers, seed ${seed}, ${seconds} s: ${output}`);
        count++;
        if (!ok) failures.push(`${name}, ${workers} workers, seed ${seed}`);
      }
    }
  }
  console.log(`\n${count} programs, ${failures.length} failed${failures.map((text) => `\n  ${text}`).join('')}`);
  if (failures.length > 0) process.exitCode = 1;
});
