// Builds and runs the C++ test programs, which need neither an addon nor Node.
//
//   node scripts/test-native.mjs [--sanitizer=thread|address] [--stress] [--only=core_tests] [-- words for doctest]
import {spawnSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {findNodeDir} from './build-native.mjs';
import {quietly, root, run, whenProgram} from './support/run.mjs';

export const testPrograms = ['core_tests', 'native_tests'];
const hangMs = 10 * 60_000;

/** One report is enough to fail, a leak is a failure, and reports come with both stacks. */
export const sanitizerOptions = {
  TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:suppressions=${join(root, 'test', 'native', 'tsan-suppressions.txt')}`,
  // Without signal stacks of its own: on one, AddressSanitizer takes the frames of the interrupted thread for dead ones when Lua
  // jumped out of an error before.
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:use_sigaltstack=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

/** Why the test programs cannot be built on this machine, or undefined. */
export function whyNoNativeTests() {
  if (spawnSync('cmake', ['--version']).error) return 'cmake is missing (Debian: apt-get install cmake)';
  const include = spawnSync('c++', ['-E', '-x', 'c++', '-'], {input: '#include <doctest/doctest.h>\n'});
  if (include.error) return 'a C++ compiler is missing (Debian: apt-get install g++)';
  if (include.status !== 0) return 'doctest is missing (Debian: apt-get install doctest-dev)';
  return undefined;
}

/** Configures and compiles CMake targets; answers with the folder they are in, `build/<name>`. */
export async function buildWithCMake(
  targets,
  {sanitizer = '', name = sanitizer || 'plain', buildType = 'Debug', definitions = []} = {},
) {
  await obtainLua();
  const folder = join(root, 'build', name);
  const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
  const nodeDir = findNodeDir();
  const defined = [`SLOTH_SANITIZER=${sanitizer}`, ...definitions].map((definition) => `--CD${definition}`);
  const kind = buildType === 'Debug' ? ['--debug'] : [];
  const configure = [cmakeJs, 'configure', ...kind, '--out', folder, ...defined];
  quietly(process.execPath, configure, {env: nodeDir ? {npm_config_nodedir: nodeDir} : {}});
  const build = ['--build', folder, '-j', `${availableParallelism()}`, '--target', ...targets];
  if ((await run('cmake', build)).status !== 0) throw new Error(`${targets.join(' and ')} did not compile`);
  return folder;
}

/** Builds and runs the test programs; answers with the number of cases that passed and failed. */
export async function testNative({sanitizer = '', stress = false, programs = testPrograms, words = []} = {}) {
  const folder = await buildWithCMake(programs, {sanitizer});
  const env = {...sanitizerOptions, ...(stress ? {SLOTH_STRESS: '1'} : {})};
  const total = {passed: 0, failed: 0};
  for (const program of programs) {
    console.log(`\n${program}${sanitizer ? ` under the ${sanitizer} sanitizer` : ''}`);
    const [command, ...first] = [...fixedAddresses(sanitizer), join(folder, program)];
    const {status, output} = await run(command, [...first, ...words], {env, timeoutMs: hangMs});
    const [, passed = 0, failed = 0] = /test cases:.*?(\d+) passed.*?(\d+) failed/.exec(output) ?? [];
    total.passed += Number(passed);
    // A program that died said nothing about its cases: that is one failure.
    total.failed += Number(failed) || (status === 0 ? 0 : 1);
  }
  return total;
}

// ThreadSanitizer of GCC 12 cannot map its shadow where the kernel spreads addresses widely.
export function fixedAddresses(sanitizer) {
  if (sanitizer !== 'thread') return [];
  return spawnSync('setarch', ['-R', 'true']).status === 0 ? ['setarch', '-R'] : [];
}

await whenProgram(import.meta.url, async () => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {
      sanitizer: {type: 'string', default: ''},
      stress: {type: 'boolean', default: false},
      only: {type: 'string'},
    },
  });
  const programs = values.only ? [values.only] : testPrograms;
  const {passed, failed} = await testNative({...values, programs, words: positionals});
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
