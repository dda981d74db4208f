import {afterAll, describe, expect, test} from 'vitest';
import {Channel, Runtime, SlothError, WaitGroup} from '../../lib/index.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SlothError ? error.code : String(error)),
  );

describe('a channel of the host', () => {
  test('carries values both ways, in order', async () => {
    const input = runtime.channel<number>();
    const output = runtime.channel<{n: number; square: number}>(4);
    const run = runtime.spawn(
      `local input, output = ...
       for n in input:range() do output:send({n = n, square = n * n}) end
       output:close()`,
      input,
      output,
    );
    const sending = (async () => {
      for (let n = 1; n <= 20; n += 1) await input.send(n);
      input.close();
    })();
    const seen = [];
    for await (const value of output) seen.push(value);
    await sending;
    expect(seen).toEqual(Array.from({length: 20}, (_, i) => ({n: i + 1, square: (i + 1) ** 2})));
    expect(await run.result).toEqual([]);
    expect(output).toMatchObject({length: 0, capacity: 4, closed: true, view: 'full'});
  });

  test('each of many values sent at once reaches one of many receivers', async () => {
    const channel = runtime.channel<number>(3);
    const [lua] = await runtime.run<[Channel<number>]>('local ch = ... return ch', {args: [channel]});
    expect(lua).toBeInstanceOf(Channel);
    const received: Promise<number | undefined>[] = Array.from({length: 60}, () => channel.receive());
    await Promise.all(Array.from({length: 60}, (_, i) => lua.send(i)));
    expect((await Promise.all(received)).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({length: 60}, (_, i) => i),
    );
  });

  test('waits no longer than it is told, and what timed out did not happen', async () => {
    const channel = runtime.channel<string>();
    expect(await codeOf(channel.receive({timeoutMs: 20}))).toBe('E_TIMEOUT');
    expect(await codeOf(channel.send('lost', {timeoutMs: 20}))).toBe('E_TIMEOUT');
    expect(await channel.trySend('no receiver')).toBe(false);
    expect(await channel.tryReceive()).toBeUndefined();
    const next = channel.receive();
    await channel.send('kept');
    expect(await next).toBe('kept');
    expect(await codeOf(channel.receive({timeoutMs: -1}))).toBe('E_VALUE');
  });

  test('an aborted operation lets the others be', async () => {
    const channel = runtime.channel<number>();
    const controller = new AbortController();
    const aborted = channel.receive({signal: controller.signal});
    const kept = channel.receive();
    controller.abort(new Error('not needed'));
    expect(await codeOf(aborted)).toBe('E_ABORTED');
    await channel.send(7);
    expect(await kept).toBe(7);
    expect(await codeOf(channel.receive({signal: AbortSignal.abort()}))).toBe('E_ABORTED');
  });

  test('ends for both sides when it is closed', async () => {
    const channel = runtime.channel<number>(2);
    await channel.send(1);
    expect(await channel.trySend(2)).toBe(true);
    expect(channel.close()).toBe(true);
    expect(channel.close()).toBe(false);
    expect(await codeOf(channel.send(3))).toBe('E_CLOSED');
    expect(await codeOf(channel.trySend(3))).toBe('E_CLOSED');
    expect(await channel.next()).toEqual({done: false, value: 1});
    expect(await channel.tryReceive()).toEqual({done: false, value: 2});
    expect(await channel.next()).toEqual({done: true, value: undefined});
    expect(await channel.tryReceive()).toEqual({done: true, value: undefined});
    expect(await channel.receive()).toBeUndefined();
  });

  test('a half allows one direction', async () => {
    const [sender, receiver] = await runtime.run<[Channel<number>, Channel<number>]>(
      'local ch = channel.make(1) return ch:as_sender(), ch:as_receiver()',
    );
    expect([sender.view, receiver.view]).toEqual(['send', 'receive']);
    await sender.send(5);
    expect(await receiver.receive()).toBe(5);
    expect(await codeOf(sender.receive())).toBe('E_VALUE');
    expect(await codeOf(receiver.send(1))).toBe('E_VALUE');
    expect(() => receiver.close()).toThrow(/receive-only/);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 40])('has no capacity of %d', (capacity) => {
    expect(() => runtime.channel(capacity)).toThrow(/capacity must be an integer from 0 to 16777216/);
  });

  test('belongs to its runtime, and refuses what cannot cross', async () => {
    const other = new Runtime({workers: 1});
    const foreign = other.channel();
    expect(await codeOf(runtime.run('return ...', {args: [foreign]}))).toBe('E_VALUE');
    expect(await codeOf(foreign.send(Symbol('x') as never))).toBe('E_VALUE');
    await other.close();
    expect(await codeOf(foreign.receive())).toBe('E_CLOSED');
    expect(foreign.closed).toBe(false);
  });

  test('carries functions and channels', async () => {
    const channel = runtime.channel<unknown>(2);
    const reply = runtime.channel<number>(1);
    const run = runtime.spawn(
      'local ch = ... local twice = ch:receive() local reply = ch:receive() reply:send(twice(21))',
      channel,
    );
    await channel.send((n: number) => 2 * n);
    await channel.send(reply);
    expect(await reply.receive()).toBe(42);
    await run.result;
  });
});

describe('a run that shares a channel with the host', () => {
  test('is not deadlocked while the host holds it', async () => {
    const channel = runtime.channel<string>();
    const run = runtime.spawn(
      'local ch = ... local h = goroutine.parallel(function() return (ch:receive()) end) return select(2, h:await())',
      channel,
    );
    expect(await Promise.race([run.report, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits');
    await channel.send('late');
    expect(await run.result).toEqual(['late']);
  });

  test('is not deadlocked on a channel it gave the host', async () => {
    let given: Channel<number> | undefined;
    const run = runtime.start('local ch = channel.make() give(ch) return (ch:receive())', {
      globals: {
        give(channel) {
          given = channel as Channel<number>;
        },
      },
    });
    expect(await Promise.race([run.report, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits');
    await given?.send(3);
    expect(await run.result).toEqual([3]);
  });

  test('is deadlocked when it waits for something else alone', async () => {
    const report = await runtime.start('channel.make():receive()').report;
    expect(report.kind).toBe('deadlock');
  });
});

describe('a wait group of the host', () => {
  test('counts what Lua and JavaScript do', async () => {
    const group = runtime.waitGroup();
    group.add(3);
    const run = runtime.spawn(
      'local group = ... goroutine.parallel(function() group:done() end) goroutine.sleep(10) group:done() return group',
      group,
    );
    expect(await codeOf(group.wait({timeoutMs: 50}))).toBe('E_TIMEOUT');
    group.done();
    await group.wait();
    expect((await run.result)[0]).toBeInstanceOf(WaitGroup);
    expect(() => group.done()).toThrow('negative WaitGroup counter');
    expect(() => group.add(0.5)).toThrow('n must be an integer, got 0.5');
    await group.wait({signal: AbortSignal.timeout(60_000)});
  });
});

test('operations do not fall under the limits of runs', async () => {
  const limited = new Runtime({workers: 1, timeoutMs: 50, isolation: 'always'});
  const channel = limited.channel<number>();
  const next = channel.receive();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await channel.send(1);
  expect(await next).toBe(1);
  await limited.close();
  expect(limited.stats()).toMatchObject({goroutines: 0, islands: 0});
});
