import {afterEach, describe, expect, test} from 'vitest';
import {createTestRuntime, fakeFunction, type TestRuntime, type TestRuntimeOptions} from '../../lib/testing.js';

const opened: TestRuntime[] = [];
function make(options: TestRuntimeOptions = {}): TestRuntime {
  const runtime = createTestRuntime(options);
  opened.push(runtime);
  return runtime;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runtime) => runtime.close()));
});

// Prints in an order that chance decides.
const race = `
  local names = channel.make(30)
  for i = 1, 30 do goroutine.parallel(function() for _ = 1, i * 37 % 11 do goroutine.yield() end names:send(i) end) end
  local order = {}
  for i = 1, 30 do order[i] = names:receive() end
  print(table.concat(order, " "), math.random(1000000))`;

describe('a test runtime', () => {
  test('keeps what scripts print, apart', async () => {
    const runtime = make();
    await runtime.run('print("a", 1) io.stderr:write("oh\\n") io.write("b\\n")');
    expect([runtime.stdout, runtime.stderr]).toEqual(['a\t1\nb\n', 'oh\n']);
    runtime.clearOutput();
    expect([runtime.stdout, runtime.stderr]).toEqual(['', '']);
  });

  test('repeats a run with the same seed, and may differ with another', async () => {
    const outputs = [];
    for (const seed of [1, 1, 2, 3]) {
      const runtime = make({seed});
      await runtime.run(race);
      outputs.push(runtime.stdout);
    }
    expect(outputs[1]).toBe(outputs[0]);
    expect(new Set(outputs).size).toBeGreaterThan(1);
  });

  test('takes no time for an hour', async () => {
    const runtime = make();
    const began = performance.now();
    const [hours] = await runtime.run<[number]>(
      'local t = goroutine.now() goroutine.sleep(3600000) return (goroutine.now() - t) / 3600000',
    );
    expect(hours).toBeCloseTo(1, 3);
    expect(performance.now() - began).toBeLessThan(60_000);
  });

  test('may use the real clock', async () => {
    const runtime = make({clock: 'real'});
    await runtime.run('goroutine.sleep(1) print("late")');
    expect(runtime.stdout).toBe('late\n');
    await expect(runtime.advance(1)).rejects.toMatchObject({code: 'E_VALUE'});
  });

  test('refuses a clock there is not', () => {
    expect(() => make({clock: 'sundial' as 'real'})).toThrow(
      /clock must be 'real', 'virtual' or 'manual', got sundial/,
    );
  });
});

describe('a manual clock', () => {
  test('stands still until time passes, and fires timers in their order', async () => {
    const runtime = make({clock: 'manual'});
    const run = runtime.start(`
      for i = 1, 3 do go.spawn(function() goroutine.sleep(i * 100) print("at " .. i * 100) end) end
      goroutine.sleep(1000) print("done")`);
    await runtime.settle();
    expect(runtime.stdout).toBe('');
    await runtime.advance(99);
    expect(runtime.stdout).toBe('');
    await runtime.advance(1);
    expect(runtime.stdout).toBe('at 100\n');
    await runtime.advance(250);
    expect(runtime.stdout).toBe('at 100\nat 200\nat 300\n');
    expect(run.status).toBe('running');
    await runtime.advance(1000);
    await run.result;
    expect(runtime.stdout).toMatch(/done\n$/);
  });

  test('passes with nothing started, and tells the time', async () => {
    const runtime = make({clock: 'manual'});
    const before = await runtime.now();
    await runtime.advance(5000);
    expect((await runtime.now()) - before).toBeGreaterThanOrEqual(5000);
    expect((await runtime.now()) - before).toBeLessThan(5001);
  });

  test('ends time limits', async () => {
    const runtime = make({clock: 'manual'});
    const run = runtime.start('goroutine.sleep(60000)', {timeoutMs: 500});
    await runtime.advance(499);
    expect(run.status).toBe('running');
    await runtime.advance(2);
    await expect(run.result).rejects.toMatchObject({code: 'E_TIMEOUT'});
  });

  test('runs a ticker step by step', async () => {
    const runtime = make({clock: 'manual'});
    runtime.start('while true do goroutine.sleep(1000) print("tick") end');
    for (let seconds = 1; seconds <= 3; seconds += 1) {
      await runtime.advance(1001);
      expect(runtime.stdout).toBe('tick\n'.repeat(seconds));
    }
  });

  test('stands still while a host function is out', async () => {
    const runtime = make({clock: 'manual'});
    const load = fakeFunction();
    const run = runtime.start('print(load()) goroutine.sleep(10) print("slept")', {globals: {load}});
    await load.called(1);
    const advancing = runtime.advance(10);
    load.answer('loaded');
    await advancing;
    await runtime.advance(1);
    await run.result;
    expect(runtime.stdout).toBe('loaded\nslept\n');
  });

  test('takes several at once', async () => {
    const runtime = make({clock: 'manual'});
    runtime.start('goroutine.sleep(25) print("late")');
    await Promise.all([runtime.advance(10), runtime.advance(10), runtime.advance(10)]);
    expect(runtime.stdout).toBe('late\n');
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to pass %s ms', async (ms) => {
    await expect(make({clock: 'manual'}).advance(ms)).rejects.toMatchObject({code: 'E_VALUE'});
  });

  test('lets its runtime be closed, whatever waits', async () => {
    const runtime = make({clock: 'manual'});
    const run = runtime.start('defer(function() goroutine.sleep(50) print("cleaned") end) goroutine.sleep(60000)');
    await runtime.settle();
    await runtime.close();
    expect((await run.report).kind).toBe('cancelled');
    expect(runtime.stdout).toBe('cleaned\n');
    await expect(runtime.advance(1)).rejects.toMatchObject({code: 'E_CLOSED'});
  });
});

describe('a fake function', () => {
  test('notes its calls and answers what was prepared, in order', async () => {
    const fetch = fakeFunction((url) => `page of ${String(url)}`)
      .answer('first')
      .fail(new Error('offline'));
    const source = 'local a = fetch("a", 1) local ok, e = pcall(fetch, "b") return a, ok, tostring(e), fetch("c")';
    expect(await make().run(source, {globals: {fetch}})).toEqual(['first', false, 'offline', 'page of c']);
    expect(fetch.calls.map(({args}) => args)).toEqual([['a', 1], ['b'], ['c']]);
  });

  test('without an answer waits for one, and sees when nobody waits any more', async () => {
    const runtime = make();
    const load = fakeFunction();
    const run = runtime.start('return load(1)', {globals: {load}});
    expect((await load.called(1)).args).toEqual([1]);
    load.answer('late');
    expect(await run.result).toEqual(['late']);
    const cancelled = runtime.start('load(2)', {globals: {load}});
    const {signal} = await load.called(2);
    cancelled.cancel();
    await cancelled.report;
    expect(signal.aborted).toBe(true);
    load.answer('for the third');
    expect(await runtime.run('return load(3)', {globals: {load}})).toEqual(['for the third']);
  });
});
