// The one command that passes the tests: builds what is stale, then runs the TypeScript tests and the C++ tests.
//
//   npm test                    everything
//   npm test -- channel         only the TypeScript tests whose path contains "channel", as vitest reads it
//
// Where cmake or doctest are missing the C++ tests are left out and that is said; SLOTH_REQUIRE_NATIVE_TESTS=1 makes it a failure.
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {buildNative} from './build-native.mjs';
import {quietly, root, run, whenProgram} from './support/run.mjs';
import {testNative, whyNoNativeTests} from './test-native.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

async function testTypeScript(words) {
  const report = join(root, 'build', 'vitest.json');
  rmSync(report, {force: true});
  const {status} = await run(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...words,
  ]);
  const {numPassedTests = 0, numFailedTests = 0} = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  return {passed: numPassedTests, failed: numFailedTests || (status === 0 ? 0 : 1)};
}

async function testNativeIfPossible() {
  const missing = whyNoNativeTests();
  if (!missing) return testNative();
  console.error(`\nThe C++ tests were left out: ${missing}.`);
  return {passed: 0, failed: process.env.SLOTH_REQUIRE_NATIVE_TESTS ? 1 : 0};
}

await whenProgram(import.meta.url, async () => {
  const words = process.argv.slice(2);
  await buildNative();
  quietly(bin('tsdown'), ['--log-level', 'warn']);
  const results = [await testTypeScript(words), ...(words.length > 0 ? [] : [await testNativeIfPossible()])];
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
});
