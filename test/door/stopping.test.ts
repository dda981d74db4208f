import {afterAll, describe, expect, test} from 'vitest';
import {Runtime, SlothError} from '../../lib/index.js';
import {runProcess} from '../crash/process.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SlothError ? error.code : String(error)),
  );

describe('what is cancelled stops using the processor', () => {
  const endless = [
    'while true do end',
    'local function f() return f() end f()',
    'pcall(function() while true do end end) while true do pcall(error) end',
    'while true do pcall(string.rep, "x", 100000) end',
    'for _ = 1, 4 do goroutine.parallel(function() while true do end end) end goroutine.sleep(60000)',
    'coroutine.wrap(function() while true do end end)()',
    'table.sort({3, 2, 1}, function() while true do end end)',
    '("x"):gsub("x", function() while true do end end)',
    'setmetatable({}, {__index = function() while true do end end}).x = nil; return setmetatable({}, {__index = function() while true do end end}).y',
    'while true do host() end',
  ];

  test.each(endless)('%s', async (source) => {
    // In a process of its own, whose processor time is its own: a run that went on would use a second and more of it.
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const began = performance.now();
      const error = await runtime.run(${JSON.stringify(source)}, {timeoutMs: 50, globals: {host: () => 1}}).catch((caught) => caught);
      const took = performance.now() - began;
      check(error.code === 'E_TIMEOUT', String(error.code));
      for (let i = 0; i < 300 && runtime.stats().goroutines + runtime.stats().islands > 0; i++) await sleep(10);
      check(runtime.stats().goroutines === 0 && runtime.stats().islands === 0, JSON.stringify(runtime.stats()));
      const before = process.cpuUsage();
      await sleep(1000);
      const {user, system} = process.cpuUsage(before);
      console.log(JSON.stringify({took, busyMs: (user + system) / 1000}));
      await runtime.close();`);
    expect(ended).toMatchObject({code: 0, stderr: ''});
    const {took, busyMs} = JSON.parse(ended.stdout) as {took: number; busyMs: number};
    expect(busyMs).toBeLessThan(300);
    // Promised are 150 ms.
    expect(took).toBeLessThan(1500);
  });
});

describe('aborting', () => {
  test('a queued call harms no neighbour', async () => {
    const gate = runtime.channel<number>();
    const slow = await runtime.load('local gate, n = ... gate:receive() return n');
    const controllers = Array.from({length: 30}, () => new AbortController());
    const calls = controllers.map(({signal}, i) => slow.start({args: [gate, i], signal}));
    controllers.forEach((controller, i) => void (i % 3 === 0 && controller.abort(new Error(`not ${i}`))));
    gate.close();
    const ends = await Promise.all(calls.map(({report}) => report));
    ends.forEach((report, i) => {
      if (i % 3 === 0) expect(report.kind).toBe('cancelled');
      else expect(report).toMatchObject({kind: 'succeeded', values: [i]});
    });
    slow.release();
    gate.release();
    await expect.poll(() => runtime.stats().goroutines, {timeout: 30_000}).toBe(0);
  });

  test('one of many receivers and senders leaves the others their values', async () => {
    const channel = runtime.channel<number>();
    const controllers = Array.from({length: 40}, () => new AbortController());
    const receiving = controllers.map(({signal}) =>
      channel.receive({signal}).catch((error: unknown) => (error as SlothError).code),
    );
    for (const [i, controller] of controllers.entries()) if (i % 2 === 0) controller.abort();
    await Promise.all(receiving.filter((_, i) => i % 2 === 0));
    for (let n = 0; n < 20; n += 1) await channel.send(n);
    const received = await Promise.all(receiving);
    expect(received.filter((value) => value === 'E_ABORTED')).toHaveLength(20);
    expect(received.filter((value) => typeof value === 'number').sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({length: 20}, (_, i) => i),
    );
    channel.release();
  });

  test('a host call aborts the signal of that call alone', async () => {
    const aborted: number[] = [];
    let answerAll = (): void => {};
    const open = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    let calls = 0;
    function host(this: {signal: AbortSignal}, n: number) {
      calls += 1;
      this.signal.addEventListener('abort', () => aborted.push(n));
      return open.then(() => n);
    }
    const controller = new AbortController();
    const first = runtime.run('return host(1)', {globals: {host}, signal: controller.signal});
    const second = runtime.run('return host(2)', {globals: {host}});
    await expect.poll(() => calls).toBe(2);
    controller.abort();
    expect(await codeOf(first)).toBe('E_ABORTED');
    answerAll();
    expect(await second).toEqual([2]);
    expect(aborted).toEqual([1]);
  });

  test.each(['run', 'load', 'runFile', 'send', 'receive', 'next', 'wait', 'values'])(
    'before it begins ends %s at once, with its reason as the cause',
    async (name) => {
      const reason = new Error('not wanted');
      const signal = AbortSignal.abort(reason);
      const channel = runtime.channel<number>(1);
      const group = runtime.waitGroup();
      group.add();
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        run: () => runtime.run('return 1', {signal}),
        load: () => runtime.load('return 1', {signal}),
        runFile: () => runtime.runFile('examples/demo.lua', {signal}),
        send: () => channel.send(1, {signal}),
        receive: () => channel.receive({signal}),
        next: () => channel.next({signal}),
        wait: () => group.wait({signal}),
        values: () => channel.values({signal}).next(),
      };
      await expect(calls[name]?.()).rejects.toMatchObject({code: 'E_ABORTED', cause: reason});
      expect(channel.length).toBe(0);
    },
  );

  test('leaves no listener on the signal', async () => {
    const {signal} = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let i = 0; i < 20; i += 1) await runtime.run('return 1', {signal});
    const channel = runtime.channel<number>(1);
    await channel.send(1, {signal});
    await channel.receive({signal});
    expect(listeners).toBe(0);
  });
});

describe('a loop over a channel', () => {
  test('takes values only as it is ready for them', async () => {
    const channel = runtime.channel<number>();
    const sent: number[] = [];
    const run = runtime.start('local ch = ... for n = 1, 5 do ch:send(n) sent(n) end ch:close()', {
      args: [channel],
      globals: {sent: (n: number) => void sent.push(n)},
    });
    const seen: number[] = [];
    for await (const n of channel) {
      seen.push(n);
      await new Promise((resolve) => setTimeout(resolve, 5));
      // The next one waits, no further one was begun.
      expect(sent.length).toBeLessThanOrEqual(n);
    }
    await run.result;
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test('that is left takes its receive back', async () => {
    const channel = runtime.channel<number>();
    const values = channel.values();
    const pending = values.next();
    await values.return?.();
    expect(await pending).toEqual({done: true, value: undefined});
    expect(await values.next()).toEqual({done: true, value: undefined});
    const receiving = channel.receive();
    await channel.send(9);
    expect(await receiving).toBe(9);
  });

  test('ends with its signal', async () => {
    const controller = new AbortController();
    const channel = runtime.channel<number>();
    const reading = (async () => {
      for await (const _ of channel.values({signal: controller.signal}));
    })();
    controller.abort();
    expect(await codeOf(reading)).toBe('E_ABORTED');
  });
});
