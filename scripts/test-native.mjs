// Builds and runs the C++ test programs, which need neither an addon nor Node.
//
//   node scripts/test-native.mjs [--sanitizer=thread|address] [--stress] [--only=core_tests] [-- words for doctest]
import {spawnSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {availableParallelism} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {findNodeDir} from './build-native.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = ['core_tests', 'native_tests'];
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    sanitizer: {type: 'string', default: ''},
    stress: {type: 'boolean', default: false},
    only: {type: 'string'},
  },
});

function run(command, words, env = {}) {
  const result = spawnSync(command, words, {cwd: root, stdio: 'inherit', env: {...process.env, ...env}});
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  return result.status ?? 128;
}

// Says nothing unless the command fails.
function quietly(command, words, env = {}) {
  const result = spawnSync(command, words, {cwd: root, encoding: 'utf8', env: {...process.env, ...env}});
  if (result.status === 0) return;
  console.error(result.error?.message ?? `${result.stdout}${result.stderr}`);
  throw new Error(`${command} ${words.join(' ')} failed`);
}

await obtainLua();
const folder = join(root, 'build', values.sanitizer || 'plain');
const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
const nodeDir = findNodeDir();
const configure = [cmakeJs, 'configure', '--debug', '--out', folder, `--CDSLOTH_SANITIZER=${values.sanitizer}`];
quietly(process.execPath, configure, nodeDir ? {npm_config_nodedir: nodeDir} : {});
const wanted = programs.filter((program) => !values.only || program === values.only);
const build = ['--build', folder, '-j', `${availableParallelism()}`, '--target', ...wanted];
if (run('cmake', build) !== 0) throw new Error('the test programs do not compile');

// One report is enough to fail; a leak is a failure; addresses come with names.
const sanitizers = {
  TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1',
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};
let failed = 0;
for (const program of wanted) {
  console.log(`\n${program}${values.sanitizer ? ` under the ${values.sanitizer} sanitizer` : ''}`);
  failed +=
    run(join(folder, program), positionals, {...sanitizers, ...(values.stress ? {SLOTH_STRESS: '1'} : {})}) === 0
      ? 0
      : 1;
}
process.exitCode = failed === 0 ? 0 : 1;
