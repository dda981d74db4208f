import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {fakeRuntime} from './fake-binding.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a runtime', () => {
  test('passes its options on', () => {
    const {native} = fakeRuntime({workers: 3, seed: 7, graceMs: 10, logLevel: 'warn', stdout: () => {}});
    expect(native.options).toEqual({
      workers: 3,
      isolated: false,
      reportsUncaught: false,
      seed: 7n,
      virtualClock: false,
      graceMs: 10,
      logLevel: 'warn',
      stdoutMode: 'message',
      stderrMode: 'fd',
    });
  });

  test.each([[{workers: 0}], [{workers: 1.5}], [{graceMs: -1}], [{seed: 0.5}]])('refuses %o', (options) => {
    expect(() => fakeRuntime(options)).toThrow('must be');
  });

  test('gives a function what scripts print as text, and as bytes where it is none', () => {
    const pieces: (string | Uint8Array)[] = [];
    const {native} = fakeRuntime({stdout: (text) => pieces.push(text)});
    native.send('stdout', 0, bytes('olá\n'), undefined);
    native.send('stdout', 0, Uint8Array.of(0xff), undefined);
    expect(pieces).toEqual(['olá\n', Uint8Array.of(0xff)]);
  });

  test('writes what scripts print into a stream', () => {
    const stderr = new PassThrough();
    const {native} = fakeRuntime({stderr});
    native.send('stderr', 0, bytes('warning\n'), undefined);
    expect(String(stderr.read())).toBe('warning\n');
  });

  test('keeps the process while it closes, whatever messages still come', async () => {
    const {runtime, native} = fakeRuntime({clock: 'manual'});
    const closing = runtime.close();
    native.send('clock', 0, undefined, undefined);
    expect(native.referenced).toBe(true);
    native.send('closed', 0, undefined, undefined);
    await closing;
    expect(native.referenced).toBe(false);
  });

  test('closes once, however often it is asked', async () => {
    const {runtime, native} = fakeRuntime();
    const closing = runtime.close({deadlineMs: 10});
    expect(runtime.close()).toBe(closing);
    expect(native.deadlines).toEqual([10]);
    expect(native.referenced).toBe(true);
    native.send('closed', 0, undefined, undefined);
    await closing;
    expect(native.referenced).toBe(false);
  });

  test('refuses work once it is closing', async () => {
    const {runtime} = fakeRuntime();
    void runtime.close();
    expect(() => runtime.start('')).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
    await expect(runtime.run('')).rejects.toMatchObject({code: 'E_CLOSED'});
  });

  test('ends its live runs as closed', async () => {
    const {runtime, native} = fakeRuntime();
    const reported = runtime.start('');
    const forgotten = runtime.start('');
    const closing = runtime.close();
    native.report(reported.id, {kind: 'cancelled', message: 'cancelled: closed'});
    native.send('closed', 0, undefined, undefined);
    await closing;
    await expect(reported.result).rejects.toMatchObject({code: 'E_CLOSED'});
    await expect(forgotten.result).rejects.toMatchObject({code: 'E_CLOSED'});
  });
});

describe('running a file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sloth-door-'));
  });
  afterAll(() => rm(folder, {recursive: true}));

  async function started(name: string, content: string | Uint8Array) {
    const path = join(folder, name);
    await writeFile(path, content);
    const {runtime, native} = fakeRuntime();
    const result = runtime.runFile(path, {args: ['a', 2]});
    while (native.starts.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    native.report(1, {});
    await result;
    return {path, request: native.starts.get(1)};
  }

  test('names the chunk after it and sets arg', async () => {
    const {path, request} = await started('plain.lua', 'print(...)');
    expect(request).toMatchObject({chunkName: `@${path}`, dialect: 'lua', scriptArg: [path, 'a', '2']});
  });

  test('gives a .sloth file the dialect of task files', async () => {
    expect((await started('build.sloth', '')).request?.dialect).toBe('task');
  });

  test('skips a byte order mark and a first line with #, keeping line numbers', async () => {
    const {request} = await started('hash.lua', '\ufeff#!/usr/bin/env sloth-runner\nprint(1)');
    expect(new TextDecoder().decode(request?.source)).toBe('\nprint(1)');
  });

  test.each([
    ['is missing', 'nowhere.lua', 'no such file'],
    ['is a directory', '.', 'is a directory'],
    ['has a NUL in its path', 'a\0b', 'cannot contain NUL'],
  ])('that %s is refused', async (_, name, message) => {
    const {runtime} = fakeRuntime();
    const running = runtime.runFile(name.includes('\0') ? name : join(folder, name));
    await expect(running).rejects.toMatchObject({code: 'E_FILE', message: expect.stringContaining(message)});
  });

  test('that is compiled Lua is refused', async () => {
    const path = join(folder, 'compiled.lua');
    await writeFile(path, Uint8Array.of(0x1b, 0x4c, 0x75, 0x61));
    const {runtime} = fakeRuntime();
    await expect(runtime.runFile(path)).rejects.toMatchObject({code: 'E_FILE'});
  });
});
