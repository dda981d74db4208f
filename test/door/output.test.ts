import {Writable} from 'node:stream';
import {describe, expect, test} from 'vitest';
import {Runtime, type SlothError} from '../../lib/index.js';

/** A stream that takes nothing until it is told to. */
class Gate extends Writable {
  bytes = 0;
  #waiting: (() => void)[] = [];
  #isOpen = false;

  constructor() {
    super({highWaterMark: 1024});
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytes += chunk.length;
    if (this.#isOpen) done();
    else this.#waiting.push(done);
  }

  open(): void {
    this.#isOpen = true;
    for (const done of this.#waiting.splice(0)) done();
  }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
};
// More than could be on its way: a mebibyte, and what the stream holds.
const printMuch = 'local line = ("x"):rep(1023) for i = 1, 20000 do print(line) end done()';

describe('a stream that is full', () => {
  test('makes scripts wait, and they go on when it drains', async () => {
    const gate = new Gate();
    const runtime = new Runtime({workers: 2, stdout: gate});
    let isDone = false;
    const run = runtime.run(printMuch, {globals: {done: () => (isDone = true)}});
    await expect.poll(() => gate.writableNeedDrain).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isDone).toBe(false);
    // What was on its way when it filled, not all that was printed.
    expect(gate.writableLength).toBeLessThan(4 << 20);
    gate.open();
    await run;
    await expect.poll(() => gate.bytes).toBe(20000 * 1024);
    await runtime.close();
  });

  test('does not keep a run that is cancelled, nor closing', async () => {
    const gate = new Gate();
    const runtime = new Runtime({workers: 1, stdout: gate, graceMs: 100});
    const running = runtime.run(printMuch, {globals: {done: () => undefined}, timeoutMs: 300});
    const code = await running.catch((error: unknown) => (error as SlothError).code);
    expect(code).toBe('E_TIMEOUT');
    runtime.start(printMuch, {globals: {done: () => undefined}});
    await turns(10);
    await runtime.close();
    expect(runtime.stats()).toMatchObject({goroutines: 0, islands: 0, stuck: 0});
  });

  test('that is destroyed lets scripts go on', async () => {
    const gate = new Gate();
    gate.on('error', () => {});
    const runtime = new Runtime({workers: 1, stdout: gate});
    const run = runtime.run(printMuch, {globals: {done: () => undefined}});
    await expect.poll(() => gate.writableNeedDrain).toBe(true);
    gate.destroy();
    await run;
    await runtime.close();
  });
});

test('a function that returns a promise makes scripts wait for it', async () => {
  const pieces: string[] = [];
  let release = (): void => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const runtime = new Runtime({
    workers: 1,
    stdout: (text) => {
      pieces.push(String(text));
      return blocked;
    },
  });
  let isDone = false;
  const run = runtime.run('print("first") seen() for i = 1, 100 do print(i) end done()', {
    globals: {done: () => (isDone = true), seen: () => undefined},
  });
  await expect.poll(() => pieces.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isDone).toBe(false);
  release();
  await run;
  expect(pieces).toHaveLength(101);
  await runtime.close();
});
