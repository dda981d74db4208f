// Builds the fuzzers (native/**/*_fuzz.cc) under AddressSanitizer and runs each of them for a while.
//
//   npm run fuzz [-- 300] [--only=pack_fuzz] [--seed=7] [--compiler=g++]
//
// The number is the seconds for each (default 60). With Clang they are libFuzzer's, and what they learn is kept in
// build/fuzz/corpus; with another compiler they try random inputs (build/fuzz-random). An input that fails is kept in
// `findings` beside them: run it again with `build/fuzz/<fuzzer> <file>`, and make a test of it.
import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {basename, join} from 'node:path';
import {parseArgs} from 'node:util';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {quietly, root, run, whenProgram} from './support/run.mjs';
import {sanitizerOptions} from './test-native.mjs';

/** Where a compiler's fuzzers are. */
const folderOf = (compiler) => join(root, 'build', learns(compiler) ? 'fuzz' : 'fuzz-random');
const learns = (compiler) => compiler.includes('clang');

function works(compiler) {
  const words = ['-x', 'c++', '-fsanitize=fuzzer,address', '-o', '/dev/null', '-'];
  const program =
    '#include <cstddef>\nextern "C" int LLVMFuzzerTestOneInput(const unsigned char*, size_t) { return 0; }\n';
  return spawnSync(compiler, words, {input: program}).status === 0;
}

/** The newest Clang that brings libFuzzer, else the system's compiler. */
function findCompiler() {
  const clangs = ['clang++', ...Array.from({length: 10}, (_, index) => `clang++-${23 - index}`)];
  return clangs.find(works) ?? 'c++';
}

async function build(compiler) {
  await obtainLua();
  const c = compiler.replace('clang++', 'clang').replace('g++', 'gcc').replace('c++', 'cc');
  const folder = folderOf(compiler);
  const configure = ['-S', root, '-B', folder, `-DCMAKE_CXX_COMPILER=${compiler}`, `-DCMAKE_C_COMPILER=${c}`];
  quietly('cmake', [...configure, '-DSLOTH_SANITIZER=address', '-DSLOTH_FUZZ=ON']);
  const words = ['--build', folder, '-j', `${availableParallelism()}`, '--target', 'fuzzers'];
  if ((await run('cmake', words)).status !== 0) throw new Error('the fuzzers did not compile');
}

function fuzzers(only = '') {
  return readdirSync(join(root, 'native'), {recursive: true})
    .map((path) => basename(path))
    .filter((name) => name.endsWith('_fuzz.cc') && name.includes(only))
    .map((name) => name.slice(0, -3))
    .sort();
}

await whenProgram(import.meta.url, async () => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {
      only: {type: 'string', default: ''},
      seed: {type: 'string', default: String(Date.now() % 1_000_000)},
      compiler: {type: 'string'},
    },
  });
  const [seconds = '60'] = positionals;
  if (!/^\d+$/.test(seconds)) throw new Error(`"${seconds}" is no number of seconds`);
  const names = fuzzers(values.only);
  if (names.length === 0) throw new Error(`no fuzzer has ${values.only} in its name`);
  const compiler = values.compiler ?? findCompiler();
  const folder = folderOf(compiler);
  console.log(
    `Fuzzers with ${compiler}: ${learns(compiler) ? 'guided by coverage' : 'random inputs'}; seed ${values.seed}`,
  );
  await build(compiler);
  const failed = [];
  const findings = join(folder, 'findings');
  mkdirSync(findings, {recursive: true});
  const fuzz = async (name) => {
    const corpus = join(folder, 'corpus', name);
    mkdirSync(corpus, {recursive: true});
    const words = [`-max_total_time=${seconds}`, `-seed=${values.seed}`, `-artifact_prefix=${findings}/${name}-`];
    const own = learns(compiler)
      ? ['-timeout=60', '-rss_limit_mb=4096', '-print_final_stats=1', '-print_funcs=0', corpus]
      : [];
    const {status, output} = await run(join(folder, name), [...words, ...own], {
      env: sanitizerOptions,
      timeoutMs: (Number(seconds) + 120) * 1000,
      silent: true,
    });
    if (status !== 0) failed.push(name);
    // Of what went well the sums; of what did not, the end.
    const lines = output.split('\n');
    const told = status === 0 ? lines.filter((line) => /^(?:Done|stat::|\d+ runs)/.test(line)) : lines.slice(-200);
    console.log(`\n${name}${status === 0 ? '' : ' FAILED'}\n${told.join('\n')}`);
  };
  // One on each core.
  const waiting = [...names];
  const onCore = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await fuzz(name);
  };
  await Promise.all(Array.from({length: availableParallelism()}, onCore));
  for (const name of readdirSync(findings)) {
    const bytes = readFileSync(join(findings, name)).toString('base64');
    if (failed.some((fuzzer) => name.startsWith(fuzzer))) console.log(`${name}, in base64: ${bytes}`);
  }
  console.log(`\n${names.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
