// Measures what the project promises, and prints it beside the peers.
//
//   npm run bench [-- --only name] [--quick] [--check]
//
//   --only name   the rows whose names contain it; may be given more than once
//   --quick       fewer and smaller repetitions: whether a row works, not what it is worth
//   --check       exit code 1 when a promise is broken
//
// A row is one file of rows/. Each of its repetitions runs in a process of its own.
import {spawn} from 'node:child_process';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {whenProgram} from '../scripts/support/run.mjs';
import {describeCommit, describeMachine} from './support/machine.mjs';
import {findPeers} from './support/peers.mjs';
import {summarize} from './support/statistics.mjs';
import {renderTable} from './support/table.mjs';

const here = (path) => new URL(path, import.meta.url);

async function loadRows(only) {
  const names = readdirSync(here('./rows/'))
    .map((file) => file.replace(/\.mjs$/, ''))
    .filter((name) => only.length === 0 || only.some((part) => name.includes(part)));
  if (names.length === 0) throw new Error(`no row has ${only.join(' or ')} in its name`);
  return Promise.all(names.sort().map(async (name) => ({name, ...(await import(`./rows/${name}.mjs`)).row})));
}

// What the row's process printed last: its figures by name, each a number or {ours, peer}.
function measureOnce(row, context) {
  return new Promise((resolve, reject) => {
    const words = [here('./support/child.mjs').pathname, row.name, JSON.stringify(context)];
    const child = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: row.timeoutMs ?? 120_000,
      killSignal: 'SIGABRT',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`${row.name} ended with ${signal ?? code}\n${output}`));
      resolve(JSON.parse(output.trimEnd().split('\n').at(-1)));
    });
  });
}

async function measureRow(row, context) {
  const repetitions = context.quick ? 1 : (row.repetitions ?? 5);
  const runs = [];
  for (let i = 0; i < repetitions; i++) runs.push(await measureOnce(row, context));
  return Object.entries(row.figures).map(([name, figure]) => judge(row, name, figure, runs));
}

function judge(row, name, {title, unit, promise, peer}, runs) {
  const all = runs.map((run) => run[name]?.ours ?? run[name]);
  const ours = summarize(all, promise?.counts);
  const peers = runs.map((run) => run[name]?.peer).filter((value) => value !== undefined);
  const peerValue = peers.length > 0 ? summarize(peers, promise?.counts) : undefined;
  const ratio = peerValue === undefined ? undefined : ours / peerValue;
  return {
    row: row.name,
    figure: name,
    title,
    unit,
    ours,
    all,
    ...(peerValue !== undefined && {peer: {name: peer, value: peerValue, all: peers}, ratio}),
    ...(promise && {promise: {text: promise.text, kept: promise.holds(ours, ratio)}}),
  };
}

function write(report) {
  mkdirSync(here('./results/'), {recursive: true});
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  const name = `${report.date.slice(0, 10)}-${report.commit.replace('+', '-changed')}`;
  for (const file of [name, 'latest']) writeFileSync(here(`./results/${file}.json`), text);
  return `bench/results/${name}.json`;
}

await whenProgram(import.meta.url, async () => {
  const {values} = parseArgs({
    options: {
      only: {type: 'string', multiple: true, default: []},
      quick: {type: 'boolean', default: false},
      check: {type: 'boolean', default: false},
    },
  });
  const rows = await loadRows(values.only);
  const peers = await findPeers();
  const machine = describeMachine();
  const commit = describeCommit();
  console.log(`${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`);
  console.log(
    `Node ${machine.node}, ${machine.compiler}, commit ${commit}, load ${machine.load.toFixed(1)} at the start`,
  );
  for (const [name, {skipped}] of Object.entries(peers)) if (skipped) console.log(`skipped: ${name} (${skipped})`);

  const lines = [];
  const failed = [];
  for (const row of rows) {
    const why = row.skip?.(machine);
    if (why) {
      console.log(`skipped: ${row.name} (${why})`);
      continue;
    }
    const started = Date.now();
    try {
      lines.push(...(await measureRow(row, {quick: values.quick, peers})));
      console.log(`measured ${row.name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed.push(row.name);
      console.log(`FAILED ${error.message}`);
    }
  }
  console.log(`\n${renderTable(lines)}\n`);
  const busy = loadavg()[0];
  if (busy > machine.cores * 1.5) console.log(`The load is ${busy.toFixed(1)}: the machine has other work.`);
  const whole = values.only.length === 0 && !values.quick;
  if (whole) console.log(`written to ${write({date: new Date().toISOString(), commit, machine, lines, failed})}`);

  const broken = lines.filter((line) => line.promise && !line.promise.kept);
  for (const {title, promise} of broken) console.log(`BROKEN: ${title}, promised ${promise.text}`);
  if (failed.length > 0 || (values.check && broken.length > 0)) process.exitCode = 1;
});
