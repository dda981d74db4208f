import {describe, expect, test} from 'vitest';
import {ExitError, LuaError, SlothError, UncaughtError} from '../../lib/errors.js';
import {fakeRuntime} from './fake-binding.js';

describe('a run', () => {
  test('hands the addon bytes, a chunk name and defaults', () => {
    const {runtime, native} = fakeRuntime();
    runtime.start('return 1', {args: [1, 'a'], timeoutMs: 50, chunkName: 'demo'});
    expect(native.startOf(1)).toEqual({
      source: new TextEncoder().encode('return 1'),
      chunkName: '=demo',
      dialect: 'lua',
      args: [1, 'a'],
      globals: {},
      preludes: [],
      noWait: false,
      failFast: false,
      explain: false,
      checkCaptures: false,
      loadOnly: false,
      timeoutMs: 50,
    });
  });

  test('resolves to the values the addon reports', async () => {
    const {runtime, native} = fakeRuntime();
    const result = runtime.run('return 1, nil, {1, 2}');
    native.report(1, {values: [1, null, [1, 2]]});
    expect(await result).toEqual([1, undefined, [1, 2]]);
  });

  test.each([
    ['failed', 'E_LUA'],
    ['memory', 'E_MEMORY'],
    ['syntax', 'E_SYNTAX'],
    ['timeout', 'E_TIMEOUT'],
    ['cancelled', 'E_ABORTED'],
    ['deadlock', 'E_DEADLOCK'],
    ['exit', 'E_EXIT'],
  ] as const)('that ended as %s rejects with %s', async (kind, code) => {
    const {runtime, native} = fakeRuntime();
    const run = runtime.start('');
    native.report(run.id, {kind, message: 'why', traceback: 'stack traceback: ...'});
    await expect(run.result).rejects.toMatchObject({code});
    expect((await run.report).kind).toBe(kind);
  });

  test('that failed carries the Lua traceback', async () => {
    const {runtime, native} = fakeRuntime();
    const run = runtime.start('error("boom")');
    native.report(run.id, {kind: 'failed', message: 'chunk:1: boom', traceback: 'stack traceback:\n\t[C]: in error'});
    const error = await run.result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LuaError);
    expect(error).toMatchObject({message: 'chunk:1: boom', luaTraceback: 'stack traceback:\n\t[C]: in error'});
    expect(String(error)).toBe('LuaError: chunk:1: boom');
  });

  test('that called os.exit carries the exit code', async () => {
    const {runtime, native} = fakeRuntime();
    const run = runtime.start('os.exit(7)');
    native.report(run.id, {kind: 'exit', exitCode: 7});
    const error = await run.result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ExitError);
    expect(error).toMatchObject({exitCode: 7});
  });

  test('that succeeded with uncaught goroutine errors rejects, and its report still has the values', async () => {
    const {runtime, native} = fakeRuntime();
    const run = runtime.start('go.spawn(error) return 1');
    native.report(run.id, {values: [1], uncaught: 1});
    await expect(run.result).rejects.toBeInstanceOf(UncaughtError);
    expect(await run.report).toMatchObject({kind: 'succeeded', values: [1], uncaught: 1});
  });

  test('is cancelled through its signal, and keeps the reason as cause', async () => {
    const {runtime, native} = fakeRuntime();
    const controller = new AbortController();
    const run = runtime.start('', {signal: controller.signal});
    const reason = new Error('not needed');
    controller.abort(reason);
    expect(native.cancels).toEqual([{runId: run.id, reason: 'not needed'}]);
    native.report(run.id, {kind: 'cancelled', message: 'cancelled: not needed'});
    await expect(run.result).rejects.toMatchObject({code: 'E_ABORTED', cause: reason});
  });

  test('never reaches the addon when its signal has aborted before', async () => {
    const {runtime, native} = fakeRuntime();
    const run = runtime.start('', {signal: AbortSignal.abort(new Error('too late'))});
    await expect(run.result).rejects.toMatchObject({code: 'E_ABORTED', message: 'too late'});
    expect(native.starts.size).toBe(0);
  });

  test('does not listen to its signal after its end', async () => {
    const {runtime, native} = fakeRuntime();
    const controller = new AbortController();
    const run = runtime.start('', {signal: controller.signal});
    native.report(run.id, {});
    await run.report;
    controller.abort();
    expect(native.cancels).toEqual([]);
  });

  test('keeps the process alive exactly while it is live', async () => {
    const {runtime, native} = fakeRuntime();
    expect(native.referenced).toBe(false);
    const first = runtime.start('');
    const second = runtime.start('');
    expect(native.referenced).toBe(true);
    native.report(first.id, {});
    expect(native.referenced).toBe(true);
    native.report(second.id, {});
    expect(native.referenced).toBe(false);
  });

  test('refuses a negative time limit', () => {
    const {runtime} = fakeRuntime();
    expect(() => runtime.start('', {timeoutMs: -1})).toThrow(SlothError);
  });
});
