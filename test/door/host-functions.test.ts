import {describe, expect, test} from 'vitest';
import type {HostCall} from '../../lib/host-function.js';
import {results} from '../../lib/results.js';
import type {Sendable} from '../../lib/sendable.js';
import {type FakeNative, fakeRuntime, read, write} from './fake-binding.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function withGlobal(name: string, fn: Sendable): {native: FakeNative; hostId: number} {
  const {runtime, native} = fakeRuntime();
  runtime.start('', {globals: {[name]: fn}});
  const [hostId] = native.startOf(1).globals[name] as [number, string];
  return {native, hostId};
}

describe('a host function', () => {
  test('crosses once as its number and name, however often it occurs', () => {
    const {runtime, native} = fakeRuntime();
    function double(n: number) {
      return 2 * n;
    }
    runtime.start('', {globals: {double, tools: {double}}});
    const {double: ref, tools} = native.startOf(1).globals as {double: unknown; tools: {double: unknown}};
    expect(ref).toEqual([1, 'double']);
    expect(tools.double).toBe(ref);
  });

  test('answers at once when it returns a value', () => {
    const {native, hostId} = withGlobal('double', (n: number) => 2 * n);
    native.send('call', 9, hostId, write([21]));
    expect(native.settled.get(9)).toEqual({ok: true, values: [42]});
  });

  test('answers nothing when it returns nothing', () => {
    const {native, hostId} = withGlobal('quiet', () => {});
    native.send('call', 9, hostId, write([]));
    expect(native.settled.get(9)).toEqual({ok: true, values: []});
  });

  test('may answer with several values', () => {
    const {native, hostId} = withGlobal('two', () => results(undefined, 'no'));
    native.send('call', 9, hostId, write([]));
    expect(native.settled.get(9)).toEqual({ok: true, values: [undefined, 'no']});
  });

  test('answers when its promise settles', async () => {
    const {native, hostId} = withGlobal('later', async (n: number) => n + 1);
    native.send('call', 9, hostId, write([1]));
    expect(native.settled.size).toBe(0);
    await turn();
    expect(native.settled.get(9)).toEqual({ok: true, values: [2]});
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ])('that %s fails in the goroutine that called it', async (_, fn) => {
    const {native, hostId} = withGlobal('fails', fn as () => never);
    native.send('call', 9, hostId, write([]));
    await turn();
    const {ok, values} = native.settled.get(9) as {ok: boolean; values: [[number, string, unknown[]]]};
    expect([ok, values[0].slice(0, 2)]).toEqual([false, [2, 'no disk']]);
    expect(read(values[0][2])).toEqual([expect.objectContaining({name: 'Error', message: 'no disk'})]);
  });

  test('that answers with something that cannot cross fails with its path', () => {
    const {native, hostId} = withGlobal('odd', () => new URL('file:///') as unknown as Sendable);
    native.send('call', 9, hostId, write([]));
    const {ok, values} = native.settled.get(9) as {ok: boolean; values: [[number, string]]};
    expect(ok).toBe(false);
    expect(values[0][1]).toContain('results[0]: an instance of URL cannot cross into Lua');
  });

  test('sees its signal abort when its goroutine was cancelled, and its answer is dropped', async () => {
    let aborted: AbortSignal | undefined;
    const {native, hostId} = withGlobal('waits', function (this: HostCall) {
      aborted = this.signal;
      return new Promise<string>((resolve) => this.signal.addEventListener('abort', () => resolve('late')));
    });
    native.send('call', 9, hostId, write([]));
    native.send('abandoned', 9, undefined, undefined);
    await turn();
    expect(aborted?.aborted).toBe(true);
    expect(native.settled.size).toBe(0);
  });
});
