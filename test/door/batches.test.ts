import {afterAll, describe, expect, test} from 'vitest';
import {Runtime} from '../../lib/index.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

/** Counts the messages that each turn of the event loop takes, until `stop` is called; answers with the most. */
function watchTurns(): () => number {
  let most = 0;
  let before = runtime.stats().messages;
  let watching = true;
  const look = () => {
    const {messages} = runtime.stats();
    most = Math.max(most, messages - before);
    before = messages;
    if (watching) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    watching = false;
    return most;
  };
}

describe('ten thousand host calls in flight at once', () => {
  test('are answered each with its own, and no turn of the event loop takes more than 1,000 of them or 2 ms', async () => {
    const waiting: (() => void)[] = [];
    const stop = watchTurns();
    const run = runtime.start(
      `local wg, sum = goroutine.wait_group(), goroutine.atomic_int()
       for i = 1, 10000 do wg:go(function() sum:add(host(i)) end) end
       wg:wait()
       return sum:load()`,
      {globals: {host: (i: number) => new Promise<number>((resolve) => waiting.push(() => resolve(i)))}},
    );
    await expect.poll(() => waiting.length, {timeout: 30_000}).toBe(10_000);
    const most = stop();
    for (const answer of waiting.sort(() => Math.random() - 0.5)) answer();
    expect(await run.result).toEqual([50_005_000]);
    const {mostMessagesPerTurn, latestDeliveryMs, turns, messages} = runtime.stats();
    expect(most).toBeLessThanOrEqual(1000);
    expect(mostMessagesPerTurn).toBeLessThanOrEqual(1000);
    expect(latestDeliveryMs).toBeLessThanOrEqual(2);
    expect(messages).toBeGreaterThanOrEqual(10_000);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  test('leave timers their turns', async () => {
    let isOver = false;
    let calls = 0;
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    const host = () => {
      calls += 1;
      if (ticks >= 20) isOver = true;
      return isOver;
    };
    const source =
      'local wg = goroutine.wait_group() for _ = 1, 100 do wg:go(function() repeat until host() end) end wg:wait()';
    await runtime.run(source, {globals: {host}, timeoutMs: 30_000});
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(20);
    expect(calls).toBeGreaterThan(100);
  });
});

test('a slow host function ends its turn', async () => {
  const own = new Runtime({workers: 1});
  const busy = () => {
    const end = performance.now() + 3;
    while (performance.now() < end);
  };
  await own.run('local wg = goroutine.wait_group() for _ = 1, 20 do wg:go(busy) end wg:wait()', {globals: {busy}});
  const {turns, latestDeliveryMs} = own.stats();
  expect(turns).toBeGreaterThanOrEqual(20);
  expect(latestDeliveryMs).toBeLessThanOrEqual(2);
  await own.close();
});
