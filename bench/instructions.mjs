// Counts instructions, which do not depend on how busy the machine is: a guard against regressions.
//
//   npm run bench:instructions [-- words...] [--check] [--write]
//
//   words    the guards whose names contain one of them; all when there is none
//   --check  exit code 1 where a count is more than 10 % above the stored one
//   --write  stores the counts in bench/instructions.json
//
// A guard is a program of lua/ that does something `count` times. It is run twice under callgrind, without Node and with one
// worker; the difference of both runs, divided by the difference of the counts, is what one more costs.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {root, whenProgram} from '../scripts/support/run.mjs';
import {buildWithCMake} from '../scripts/test-native.mjs';

// `repeats`: how often the program does it for each of its count between both counts; warming up is more of the same.
const guards = {
  'spawn-island': {program: 'spawn', args: (count) => ['parallel', count, 1000], counts: [1000, 5000], repeats: 1.25},
  'spawn-island-backlog': {
    program: 'spawn',
    args: (count) => ['parallel', count, count],
    counts: [1000, 5000],
    repeats: 1.25,
  },
  'spawn-shared': {program: 'spawn', args: (count) => ['shared', count, 1000], counts: [1000, 5000], repeats: 1.25},
  'ping-pong': {program: 'ping-pong', args: (count) => [count], counts: [1000, 5000], repeats: 1.1},
  buffered: {program: 'buffered', args: (count) => [count], counts: [2000, 10_000], repeats: 1.1},
  select: {program: 'select', args: (count) => [count], counts: [1000, 5000], repeats: 1.1},
  records: {program: 'records', args: (count) => [count], counts: [20, 100], repeats: 1.1},
};
const stored = new URL('./instructions.json', import.meta.url);
const allowedGrowth = 1.1;

function countOnce(binary, {program, args}, count) {
  const folder = mkdtempSync(join(tmpdir(), 'sloth-instructions-'));
  try {
    const words = ['1', join(root, 'bench', 'lua', `${program}.lua`), ...args(count).map(String)];
    const out = join(folder, 'callgrind.out');
    execFileSync('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`, binary, ...words], {stdio: 'pipe'});
    const [, total] = /^totals: (\d+)/m.exec(readFileSync(out, 'utf8')) ?? [];
    if (total === undefined) throw new Error(`callgrind gave no count for ${program}`);
    return Number(total);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

function readStored() {
  try {
    return JSON.parse(readFileSync(stored, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

await whenProgram(import.meta.url, async () => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {check: {type: 'boolean', default: false}, write: {type: 'boolean', default: false}},
  });
  const names = Object.keys(guards).filter(
    (name) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
  );
  if (names.length === 0) throw new Error(`no guard has ${positionals.join(' or ')} in its name`);
  if (spawnSync('valgrind', ['--version']).error)
    throw new Error('valgrind is missing (Debian: apt-get install valgrind)');
  const folder = await buildWithCMake(['program_bench'], {name: 'bench', buildType: 'Release'});
  const before = readStored();
  const counted = {...before};
  const grown = [];
  for (const name of names) {
    const {counts, repeats = 1} = guards[name];
    const [few, many] = counts;
    const binary = join(folder, 'program_bench');
    const difference = countOnce(binary, guards[name], many) - countOnce(binary, guards[name], few);
    counted[name] = Math.round(difference / ((many - few) * repeats));
    const was = before[name] === undefined ? '' : `, stored: ${before[name]}`;
    console.log(`${name}: ${counted[name]} instructions each${was}`);
    if (!(counted[name] <= before[name] * allowedGrowth)) grown.push(name);
  }
  if (values.write) writeFileSync(stored, `${JSON.stringify(counted, undefined, 2)}\n`);
  for (const name of grown) {
    const was = before[name] === undefined ? 'it has no stored count; --write keeps one' : `from ${before[name]}`;
    console.log(`MISSED: ${name}: ${was}, counted ${counted[name]} instructions`);
  }
  if (values.check && grown.length > 0) process.exitCode = 1;
});
