// Measures what the project promises, and prints it beside the peers.
//
//   npm run bench [-- words...] [--quick] [--check] [--repetitions 5]
//
//   words         the rows whose names contain one of them; all rows when there is none
//   --quick       fewer and smaller repetitions: whether a row works, not what it is worth
//   --check       exit code 1 when a target is missed, naming the row
//   --repetitions how often each row is measured; the median counts
//
// A row is one file of rows/. Each of its repetitions runs in a process of its own. A run of all rows is written to
// results/, from which `npm run bench:report` makes the tables and charts of the documentation.
import {spawn} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {whenProgram} from '../scripts/support/run.mjs';
import {judge} from './support/judge.mjs';
import {describeCommit, describeMachine} from './support/machine.mjs';
import {findPeers} from './support/peers.mjs';
import {writeResults} from './support/results.mjs';
import {renderTable} from './support/table.mjs';

const here = (path) => new URL(path, import.meta.url);

async function loadRows(words) {
  const names = readdirSync(here('./rows/'))
    .map((file) => file.replace(/\.mjs$/, ''))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
  if (names.length === 0) throw new Error(`no row has ${words.join(' or ')} in its name`);
  return Promise.all(names.sort().map(async (name) => ({name, ...(await import(`./rows/${name}.mjs`)).row})));
}

// What the row's process printed last: its figures by name.
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

async function measureRow(row, repetitions, context) {
  const runs = [];
  for (let i = 0; i < repetitions; i++) runs.push(await measureOnce(row, context));
  return Object.entries(row.figures).map(([name, figure]) => judge(row.name, name, figure, runs));
}

await whenProgram(import.meta.url, async () => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {
      only: {type: 'string', multiple: true, default: []},
      quick: {type: 'boolean', default: false},
      check: {type: 'boolean', default: false},
      repetitions: {type: 'string'},
    },
  });
  const words = [...values.only, ...positionals];
  const wanted = values.repetitions === undefined ? undefined : Number(values.repetitions);
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0)) {
    throw new Error(`--repetitions takes a positive integer, got ${values.repetitions}`);
  }
  const rows = await loadRows(words);
  const peers = await findPeers();
  const machine = describeMachine();
  const commit = describeCommit();
  console.log(`${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`);
  console.log(
    `Node ${machine.node}, ${machine.compiler}, commit ${commit}, load ${machine.load.toFixed(1)} at the start`,
  );
  const skipped = Object.entries(peers).flatMap(([name, peer]) => (peer.skipped ? [{name, why: peer.skipped}] : []));
  for (const {name, why} of skipped) console.log(`skipped: ${name} (${why})`);

  const lines = [];
  const failed = [];
  for (const row of rows) {
    const why = row.skip?.(machine);
    if (why) {
      skipped.push({name: row.name, why});
      console.log(`skipped: ${row.name} (${why})`);
      continue;
    }
    const started = Date.now();
    try {
      const repetitions = wanted ?? (values.quick ? 1 : (row.repetitions ?? 5));
      lines.push(...(await measureRow(row, repetitions, {quick: values.quick, peers})));
      console.log(`measured ${row.name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed.push(row.name);
      console.log(`FAILED ${error.message}`);
    }
  }
  console.log(`\n${renderTable(lines)}\n`);
  const busy = loadavg()[0];
  if (busy > machine.cores * 1.5) console.log(`The load is ${busy.toFixed(1)}: the machine has other work.`);
  if (words.length === 0 && !values.quick) {
    const about = {date: new Date().toISOString(), commit, machine, skipped, failed};
    console.log(`written to ${writeResults(about, lines)}`);
  }
  const missed = lines.filter((line) => line.promise && !line.promise.kept);
  for (const {row, title, promise} of missed) console.log(`MISSED ${row}: ${title}, promised ${promise.text}`);
  if (failed.length > 0 || (values.check && missed.length > 0)) process.exitCode = 1;
});
