/**
 * Helpers for tests of programs that use this library: `sloth-runner/testing`.
 *
 * @module
 */
export {type FakeCall, type FakeFunction, fakeFunction} from './fake-function.js';
export {createTestRuntime, TestRuntime, type TestRuntimeOptions} from './test-runtime.js';
