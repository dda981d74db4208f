import {describe, expect, test} from 'vitest';
import type {HostCall} from '../../lib/host-function.js';
import {results} from '../../lib/results.js';
import type {Sendable} from '../../lib/sendable.js';
import {type FakeNative, fakeRuntime} from './fake-binding.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function withGlobal(name: string, fn: Sendable): {native: FakeNative; hostId: number} {
  const {runtime, native} = fakeRuntime();
  runtime.start('', {globals: {[name]: fn}});
  const sent = native.startOf(1).globals[name] as {hostId: number};
  return {native, hostId: sent.hostId};
}

describe('a host function', () => {
  test('crosses as a marked reference with its name', () => {
    const {runtime, native} = fakeRuntime();
    function double(n: number) {
      return 2 * n;
    }
    runtime.start('', {globals: {double, tools: {double}}});
    const {double: ref, tools} = native.startOf(1).globals as Record<string, Record<string | symbol, unknown>>;
    expect(ref).toMatchObject({hostId: 1, name: 'double', [Symbol.for('sloth.hostFunction')]: true});
    expect(tools?.['double']).toBe(ref);
  });

  test('comes back from Lua as itself', async () => {
    const {runtime, native} = fakeRuntime();
    const double = (n: number) => 2 * n;
    const result = runtime.run('return ...', {args: [double]});
    native.report(1, {values: [native.startOf(1).args[0]]});
    expect(await result).toEqual([double]);
  });

  test('answers at once when it returns a value', () => {
    const {native, hostId} = withGlobal('double', (n: number) => 2 * n);
    native.send('call', 9, hostId, [21]);
    expect(native.settled.get(9)).toEqual({ok: true, values: [42]});
  });

  test('answers nothing when it returns nothing', () => {
    const {native, hostId} = withGlobal('quiet', () => {});
    native.send('call', 9, hostId, []);
    expect(native.settled.get(9)).toEqual({ok: true, values: []});
  });

  test('may answer with several values', () => {
    const {native, hostId} = withGlobal('two', () => results(undefined, 'no'));
    native.send('call', 9, hostId, []);
    expect(native.settled.get(9)).toEqual({ok: true, values: [undefined, 'no']});
  });

  test('answers when its promise settles', async () => {
    const {native, hostId} = withGlobal('later', async (n: number) => n + 1);
    native.send('call', 9, hostId, [1]);
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
    native.send('call', 9, hostId, []);
    await turn();
    expect(native.settled.get(9)).toEqual({ok: false, values: ['no disk']});
  });

  test('that answers with something that cannot cross fails with its path', () => {
    const {native, hostId} = withGlobal('odd', () => new Date(0) as unknown as Sendable);
    native.send('call', 9, hostId, []);
    expect(native.settled.get(9)?.ok).toBe(false);
    expect(native.settled.get(9)?.values[0]).toContain('cannot send results[0]: it is an instance of Date');
  });

  test('sees its signal abort when its goroutine was cancelled, and its answer is dropped', async () => {
    let aborted: AbortSignal | undefined;
    const {native, hostId} = withGlobal('waits', function (this: HostCall) {
      aborted = this.signal;
      return new Promise<string>((resolve) => this.signal.addEventListener('abort', () => resolve('late')));
    });
    native.send('call', 9, hostId, []);
    native.send('abandoned', 9, undefined, undefined);
    await turn();
    expect(aborted?.aborted).toBe(true);
    expect(native.settled.size).toBe(0);
  });
});
