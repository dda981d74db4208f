// Runs TypeScript tests on an addon compiled with a sanitizer, under the ordinary Node.
//
//   node scripts/test-sanitized-addon.mjs thread|address [words for vitest]
//
// vitest hides what a sanitizer makes of an exit code, so reports go to files, and a file is a failure.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {root, run, whenProgram} from './support/run.mjs';
import {buildWithCMake, fixedAddresses, sanitizerOptions} from './test-native.mjs';

const libraries = {thread: 'libtsan.so', address: 'libasan.so'};

await whenProgram(import.meta.url, async () => {
  const [sanitizer = '', ...words] = process.argv.slice(2);
  if (!Object.hasOwn(libraries, sanitizer)) throw new Error(`name a sanitizer: ${Object.keys(libraries).join(' or ')}`);
  const folder = await buildWithCMake(['sloth_runner'], {sanitizer});
  const library = execFileSync('gcc', [`-print-file-name=${libraries[sanitizer]}`], {encoding: 'utf8'}).trim();
  const reports = mkdtempSync(join(tmpdir(), 'sanitizer-'));
  const to = `log_path=${join(reports, sanitizer)}`;
  const env = {
    SLOTH_RUNNER_BINARY: join(folder, 'Debug', 'sloth_runner.node'),
    LD_PRELOAD: library,
    // Node itself is not instrumented, and keeps what it allocated for the process's life.
    TSAN_OPTIONS: `${sanitizerOptions.TSAN_OPTIONS}:ignore_noninstrumented_modules=1:${to}`,
    ASAN_OPTIONS: `detect_leaks=0:${to}`,
    UBSAN_OPTIONS: `${sanitizerOptions.UBSAN_OPTIONS}:${to}`,
  };
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const [command, ...first] = [...fixedAddresses(sanitizer), process.execPath];
    const {status} = await run(command, [...first, vitest, 'run', '--maxWorkers=1', ...words], {env});
    const found = readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
    if (found.length > 0) throw new Error(`${found.join('\n')}\n${found.length} sanitizer reports`);
    if (status !== 0) throw new Error(`vitest ended with ${status}`);
  } finally {
    rmSync(reports, {recursive: true, force: true});
  }
});
