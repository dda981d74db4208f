import {describe, expect, it} from 'vitest';
import {runScript, type ScriptOptions, valuesOf} from './script.js';

async function deadlockOf(source: string, options?: ScriptOptions): Promise<string> {
  const {kind, message = '', values} = await runScript(source, options);
  expect({kind, values}, message).toEqual({kind: 'deadlock', values: []});
  return message;
}

describe.concurrent('a deadlock names', () => {
  const waits: readonly (readonly [what: string, source: string, operation: string])[] = [
    ['a receive', 'channel.make():receive()', 'channel receive'],
    ['a send', 'channel.make():send(1)', 'channel send'],
    ['a range', 'for v in channel.make():range() do end', 'channel receive'],
    ['a range with a function', 'channel.make():range(print)', 'channel receive'],
    ['a select', 'channel.select{{"|<-", channel.make()}, {"<-|", channel.make(), 1}}', 'select'],
    ['a select of the other form', 'goroutine.select{{channel = channel.make(), receive = true}}', 'select'],
    ['a wait group', 'local wg = goroutine.wait_group() wg:add() wg:wait()', 'wg:wait'],
    [
      'an rwmutex',
      'local rw = goroutine.rwmutex() rw:rlock() goroutine.shared(function() rw:lock() end):await()',
      'rwmutex lock',
    ],
    [
      'an rwmutex that is to be read',
      'local rw = goroutine.rwmutex() rw:lock() goroutine.shared(function() rw:rlock() end):await()',
      'rwmutex rlock',
    ],
    ['a semaphore', 'local s = goroutine.semaphore(1) s:acquire() s:acquire()', 'semaphore acquire'],
    [
      'a once',
      'local o = goroutine.once() o:call(function() goroutine.shared(function() o:call(print) end):await() end)',
      'once call',
    ],
    ['a cond', 'local c = goroutine.cond() c:get_mutex():lock() c:wait()', 'cond wait'],
    ['a latch', 'goroutine.latch(1):wait()', 'latch wait'],
    ['a barrier', 'goroutine.barrier(2):wait()', 'barrier wait'],
    ['an endless sleep', 'goroutine.sleep(math.huge)', 'sleep'],
    ['a receive with an endless timeout', 'channel.make():receive(math.huge)', 'channel receive'],
    ['a wait inside pcall', 'pcall(function() channel.make():receive() end)', 'channel receive'],
    ['a wait inside a coroutine', 'coroutine.wrap(function() channel.make():receive() end)()', 'channel receive'],
    ['a wait in place', 'table.sort({1, 2}, function() channel.make():receive() end)', 'channel receive'],
    [
      'a wait in a metamethod',
      'return setmetatable({}, {__index = function() channel.make():receive() end}).x',
      'channel receive',
    ],
    ['a wait in a deferred function', 'defer(function() channel.make():receive() end)', 'channel receive'],
    [
      'a wait inside goroutine.timeout without limit',
      'goroutine.timeout(math.huge, function() channel.make():receive() end)',
      'channel receive',
    ],
  ];
  it.each(waits)('%s in the main chunk', async (_what, source, operation) => {
    const message = await deadlockOf(source);
    expect(message).toMatch(
      /^deadlock: (?:1 goroutine is blocked and nothing can wake it|\d goroutines are blocked and nothing can wake them)\n\n/,
    );
    expect(message).toMatch(
      new RegExp(`main goroutine 1 is blocked in (?:${operation}|await) at script:1\nstack traceback:\n`),
    );
    expect(message).toContain(`is blocked in ${operation} at script:1`);
  });

  it.each(waits)('%s in a goroutine', async (_what, source, operation) => {
    const message = await deadlockOf(`go.spawn(function() ${source} end)`);
    expect(message).toMatch(
      new RegExp(
        `goroutine \\d+ is blocked in ${operation} at script:1\nstack traceback:\n[\\s\\S]*\nspawned at script:1 by goroutine \\d`,
      ),
    );
  });

  it('an await, and what is awaited', async () => {
    const message = await deadlockOf('local h = go.spawn(function() channel.make():receive() end)\nh:await()');
    expect(message).toMatch(
      /^deadlock: 2 goroutines are blocked and nothing can wake them\n\nmain goroutine 1 is blocked in await at script:2\n[\s\S]*\n\ngoroutine 2 is blocked in channel receive at script:1\n/,
    );
  });

  it('an await of a list', async () => {
    expect(await deadlockOf('goroutine.await_all{go.spawn(function() channel.make():receive() end)}')).toContain(
      'main goroutine 1 is blocked in await at script:1',
    );
  });

  it('two goroutines that wait for each other', async () => {
    const message = await deadlockOf(
      'local a, b = channel.make(), channel.make() go.spawn(function() a:receive() b:send(1) end) go.spawn(function() b:receive() a:send(1) end)',
    );
    expect(message).toMatch(/^deadlock: 2 goroutines are blocked/);
  });

  it('two locks taken in two orders', async () => {
    const source = `
      local a, b = goroutine.mutex(), goroutine.mutex()
      go.spawn(function() a:lock() goroutine.sleep(5) b:lock() end)
      go.spawn(function() b:lock() goroutine.sleep(5) a:lock() end)`;
    const message = await deadlockOf(source);
    expect(message).toContain('goroutine 2 is blocked in mutex lock at script:3');
    expect(message).toContain('goroutine 3 is blocked in mutex lock at script:4');
  });

  it('jobs of a pool, and who waits for the pool', async () => {
    const source = `goroutine.pool_create("p", {workers = 2}) for i = 1, 3 do goroutine.pool_submit("p", function() channel.make():receive() end) end
goroutine.pool_wait("p")`;
    const message = await deadlockOf(source);
    expect(message).toContain('main goroutine 1 is blocked in pool wait at script:2');
    expect(message.match(/goroutine \d+ is blocked in channel receive at script:1/g)).toHaveLength(2);
  });

  it('goroutines on many islands, in the order of their ids', async () => {
    const message = await deadlockOf(
      'for i = 1, 5 do goroutine.parallel(function() channel.make():receive() end) end channel.make():receive()',
    );
    expect([...message.matchAll(/goroutine (\d+) is blocked/g)].map((match) => Number(match[1]))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  it('at most a hundred goroutines, and how many more there are', async () => {
    const message = await deadlockOf(
      'local c = channel.make() for i = 1, 150 do go.spawn(function() c:receive() end) end',
    );
    expect(message).toMatch(/^deadlock: 150 goroutines are blocked/);
    expect(message).toContain('... and 50 more');
  });

  it('the errors of goroutines that died before', async () => {
    const source = 'local c = channel.make() go.spawn(function() error("I was to send", 0) end) c:receive()';
    expect(await deadlockOf(source)).toMatch(/\n\nerrors before the deadlock:\ngoroutine 2 failed: I was to send$/);
  });

  it('the errors of goroutines that nobody asked for', async () => {
    const source = 'local c = channel.make() goroutine.async(function() error("silent", 0) end) c:receive()';
    expect(await deadlockOf(source)).toContain('errors before the deadlock:\ngoroutine 2 failed: silent');
  });

  it('the error of the main chunk', async () => {
    const message = await deadlockOf(
      'local c = channel.make() go.spawn(function() c:receive() end) goroutine.sleep(5) error("main broke", 0)',
    );
    expect(message).toMatch(/^deadlock: 1 goroutine is blocked/);
    expect(message).toContain('errors before the deadlock:\nthe main chunk failed: main broke\nstack traceback:');
  });
});

describe.concurrent('a deadlock', () => {
  it('of others is found after the main chunk returned', async () => {
    expect(await deadlockOf('go.spawn(function() channel.make():receive() end) return 1')).toMatch(
      /^deadlock: 1 goroutine is blocked/,
    );
  });

  it('lets everybody clean up', async () => {
    const source =
      'go.spawn(function() defer(function() print("deferred") end) channel.make():receive() end) local x <close> = setmetatable({}, {__close = function() print("closed") end}) channel.make():receive()';
    expect((await runScript(source)).stdout.split('\n').sort()).toEqual(['', 'closed', 'deferred']);
  });

  it('does not report handlers that wait in vain while they clean up', async () => {
    const source = 'defer(function() channel.make():receive() end) channel.make():receive()';
    const {kind, message = '', ms} = await runScript(source, {runtime: {graceMs: 50}});
    expect(kind).toBe('deadlock');
    expect(message).toMatch(/^deadlock: 1 goroutine is blocked/);
    expect(ms).toBeLessThan(10_000);
  });

  it('is found at once', async () => {
    expect((await runScript('channel.make():receive()')).ms).toBeLessThan(10_000);
  });

  it('of one run leaves other runs alone', async () => {
    const [blocked, fine] = await Promise.all([
      runScript('channel.make():receive()'),
      runScript('goroutine.sleep(30) return 1'),
    ]);
    expect([blocked.kind, fine.kind]).toEqual(['deadlock', 'succeeded']);
  });
});

describe.concurrent('no deadlock is', () => {
  const fine: readonly (readonly [what: string, source: string])[] = [
    ['a sleep', 'goroutine.sleep(30)'],
    ['a receive with a timeout', 'channel.make():receive(0.03)'],
    [
      'a receive while another sleeps before it sends',
      'local c = channel.make() go.spawn(function() goroutine.sleep(30) c:send(1) end) c:receive()',
    ],
    [
      'a receive while another waits with a timeout before it sends',
      'local c = channel.make() go.spawn(function() channel.make():receive(0.03) c:send(1) end) c:receive()',
    ],
    ['a select with a timeout', 'channel.select({{"|<-", channel.make()}}, 0.03)'],
    ['an await with a timeout', 'local h = go.spawn(function() goroutine.sleep(60) end) h:await(30)'],
    ['a wait inside goroutine.timeout', 'goroutine.timeout(30, function() channel.make():receive() end)'],
    [
      'a wait while a sibling blocks in place and comes back',
      'local c = channel.make() goroutine.shared(function() table.sort({1, 2}, function() goroutine.sleep(20) end) c:send(1) end) c:receive()',
    ],
    [
      'a wait while another computes on its island',
      'local c = channel.make() goroutine.parallel(function() local t = goroutine.now() while goroutine.now() - t < 50 do end c:send(1) end) c:receive()',
    ],
    [
      'a wait for a command',
      'local c = channel.make() go.spawn(function() os.execute("sleep 0.05") c:send(1) end) c:receive()',
    ],
    ['an idle pool', 'goroutine.pool_create("p") goroutine.pool_submit("p", function() end) goroutine.pool_wait("p")'],
    [
      'a wait group whose goroutines sleep',
      'local wg = goroutine.wait_group() for i = 1, 3 do wg:go(goroutine.sleep, 20) end wg:wait()',
    ],
    [
      'a wait of a handler that cleans up',
      'local h = goroutine.shared(function() defer(function() channel.make():receive(0.02) end) goroutine.sleep(9000) end) goroutine.sleep(2) h:cancel() h:await()',
    ],
  ];
  it.each(fine)('%s', async (_what, source) => {
    expect(await valuesOf(`${source} return "fine"`)).toEqual(['fine']);
  });

  it('a wait for a host function', async () => {
    const later = () => new Promise<string>((resolve) => setTimeout(() => resolve('late'), 30));
    expect(
      await valuesOf('local c = channel.make() go.spawn(function() c:send(host()) end) return (c:receive())', {
        globals: {host: later},
      }),
    ).toEqual(['late']);
  });
});
