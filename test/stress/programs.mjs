// The stress programs: what runs them, with which sizes, and what must hold afterwards. Used with the library by the tests
// here and with the built package by run.mjs.
import {readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';

const read = (name) => readFile(new URL(`./programs/${name}.lua`, import.meta.url), 'utf8');

// Sanitizers are ten times slower: SLOTH_STRESS_SCALE=0.05 makes every count smaller.
const scale = Number(process.env.SLOTH_STRESS_SCALE ?? 1);
const scaled = (count) => (count === 0 ? 0 : Math.max(1, Math.round(count * scale)));

/**
 * Runs a program of Lua that checks itself and answers with what it counted. An error that was raised on purpose may have
 * lost the goroutine that would have looked at it.
 */
async function drive(runtime, name, options, {errors}) {
  const report = await runtime.start(await read(name), {chunkName: `=${name}`, args: [options]}).report;
  if (report.kind !== 'succeeded') throw new Error(`${report.message}\n${report.traceback ?? ''}`);
  const said = errors.join('').matchAll(/^goroutine \d+ failed: (.*)$/gm);
  if ([...said].some(([, message]) => !message.endsWith('on purpose'))) throw new Error('an error nobody awaited');
  return report.values[0];
}

function messages(capacity, cancels) {
  const what = cancels ? 'while goroutines are cancelled and replaced' : '';
  return {
    group: 'messages',
    name: `messages-${capacity}${cancels ? '-cancels' : ''}`,
    title: `each message through a channel of capacity ${capacity} arrives once ${what}`.trim(),
    short: {messages: 60_000, cancels: cancels ? 150 : 0},
    long: {messages: 1_000_000, cancels: cancels ? 2_000 : 0},
    run: (runtime, size, told) =>
      drive(runtime, 'messages', {capacity, messages: scaled(size.messages), cancels: scaled(size.cancels)}, told),
  };
}

// The lines the fan-in program prints, in any order: each of 20 numbers squared by one of three workers.
function checkFanIn(output) {
  const numbers = output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, worker, number, square] = /^Worker (\d+) processed (\d+) -> (\d+)$/.exec(line) ?? [];
      if (!(worker >= 1 && worker <= 3) || Number(square) !== number * number) throw new Error(`printed "${line}"`);
      return Number(number);
    });
  const expected = Array.from({length: 20}, (_, i) => i + 1);
  if (numbers.sort((a, b) => a - b).join() !== expected.join()) throw new Error(`processed ${numbers}`);
}

async function runFanIn(runtime, {rounds}, {printed, workers}) {
  const source = await read('fan-in');
  const load = runtime.start(await read('load'), {args: [2 * workers]});
  try {
    for (let i = 0; i < scaled(rounds); i++) {
      printed.length = 0;
      await runtime.run(source, {chunkName: '=fan-in'});
      // The report may overtake what was printed: output travels on its own.
      for (let turn = 0; turn < 1000 && printed.length < 20; turn++) await sleep(1);
      checkFanIn(printed.join(''));
    }
  } finally {
    load.cancel();
    await load.report;
  }
  return {rounds: scaled(rounds)};
}

// Runs that are cut short at any moment: one is cancelled, then the runtime is closed under them.
async function runClosing({constructor: Runtime}, {rounds}, {workers}) {
  const source = await read('mixture');
  const quiet = {stdout: () => {}, stderr: () => {}};
  const kinds = {};
  for (let i = 0; i < scaled(rounds); i++) {
    const runtime = new Runtime({workers, ...quiet});
    const options = {chunkName: '=mixture', args: [{actors: 10, steps: 200}]};
    const runs = [1, 2, 3].map(() => runtime.start(source, options));
    await sleep(Math.random() * 50);
    runs[0].cancel('chance');
    await sleep(Math.random() * 3);
    await runtime.close();
    for (const {kind} of await Promise.all(runs.map((run) => run.report))) kinds[kind] = (kinds[kind] ?? 0) + 1;
    await expectNothingLeft(runtime);
  }
  return kinds;
}

/** Every program: `run(runtime, size, {printed, errors, workers})` on a runtime whose output and errors are collected. */
export const programs = [
  ...[0, 1, 128].map((capacity) => messages(capacity, false)),
  ...[0, 1, 128].map((capacity) => messages(capacity, true)),
  {
    group: 'sharing',
    name: 'mutex',
    title: 'a counter under a mutex is exact',
    short: {rounds: 102},
    long: {rounds: 1_000},
    run: (runtime, {rounds}, told) => drive(runtime, 'mutex', {rounds: scaled(rounds)}, told),
  },
  {
    group: 'sharing',
    name: 'counters',
    title: 'a captured counter without a lock is exact',
    short: {rounds: 300, printing: 100, slow: 4},
    long: {rounds: 3_000, printing: 1_000, slow: 30},
    run: (runtime, {rounds, printing, slow}, told) =>
      drive(runtime, 'counters', {rounds: scaled(rounds), printing: scaled(printing), slow: scaled(slow)}, told),
  },
  {
    group: 'fan-in',
    name: 'fan-in',
    title: 'the fan-in program ends right while hot loops run',
    short: {rounds: 50},
    long: {rounds: 1_000},
    run: runFanIn,
  },
  {
    group: 'mixture',
    name: 'mixture',
    title: 'goroutines that do anything conserve messages',
    short: {actors: 40, steps: 120},
    long: {actors: 60, steps: 200},
    // A crowd it must remain.
    run: (runtime, {actors, steps}, told) =>
      drive(runtime, 'mixture', {actors: Math.max(8, scaled(actors)), steps}, told),
  },
  {
    group: 'closing',
    name: 'closing',
    title: 'a runtime closes under goroutines that do anything',
    short: {rounds: 10},
    long: {rounds: 300},
    run: runClosing,
  },
];

/**
 * Runs a program on a runtime of its own, and checks that nothing is left of it.
 * @param {{Runtime: any, program: any, size: any, workers: number, seed: number}} options
 */
export async function runProgram({Runtime, program, size, workers, seed}) {
  const printed = [];
  const errors = [];
  const take = (list) => (text) => void list.push(String(text));
  const runtime = new Runtime({workers, seed, graceMs: 60_000, stdout: take(printed), stderr: take(errors)});
  try {
    const counted = await program.run(runtime, size, {printed, errors, workers});
    await expectNothingLeft(runtime);
    return counted;
  } catch (error) {
    throw new Error(`${program.name} with seed ${seed} on ${workers} workers: ${error.message}\n${errors.join('')}`, {
      cause: error,
    });
  } finally {
    await runtime.close();
  }
}

// What was reported is gone an instant later: burial comes after the end.
async function expectNothingLeft(runtime) {
  const left = () => ['runs', 'goroutines', 'islands'].filter((name) => runtime.stats()[name] !== 0);
  for (let turn = 0; turn < 500 && left().length > 0; turn++) await sleep(10);
  if (left().length > 0) throw new Error(`left behind: ${JSON.stringify(runtime.stats())}`);
}
