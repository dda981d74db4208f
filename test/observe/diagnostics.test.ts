import {subscribe, unsubscribe} from 'node:diagnostics_channel';
import {afterAll, afterEach, describe, expect, test} from 'vitest';
import {
  type GoroutineBlockedEvent,
  type GoroutineEndEvent,
  type GoroutineErrorEvent,
  type GoroutineSpawnEvent,
  type HostAnswerEvent,
  type HostCallEvent,
  Runtime,
} from '../../lib/index.js';

const runtime = new Runtime({workers: 2, stderr: () => {}});
afterAll(() => runtime.close());

const subscriptions: (() => void)[] = [];
afterEach(() => {
  for (const end of subscriptions.splice(0)) end();
});

/** Collects what is published on a channel until the test is over. */
function collect<T>(name: string): T[] {
  const events: T[] = [];
  const listener = (event: unknown) => void events.push(event as T);
  subscribe(`sloth-runner:${name}`, listener);
  subscriptions.push(() => unsubscribe(`sloth-runner:${name}`, listener));
  return events;
}

describe('diagnostics channels tell', () => {
  test('that goroutines were made and ended, in order, by whom and where', async () => {
    const spawned = collect<GoroutineSpawnEvent>('goroutine:spawn');
    const ended = collect<GoroutineEndEvent>('goroutine:end');
    const run = runtime.start('goroutine.parallel(function() end):await()\ngo.spawn(function() end)', {
      chunkName: '@a.lua',
    });
    await run.result;
    expect(spawned.map(({runtime: of, runId, spawnSite}) => [of === runtime, runId, spawnSite])).toEqual([
      [true, run.id, ''],
      [true, run.id, 'a.lua:1'],
      [true, run.id, 'a.lua:2'],
    ]);
    const [main] = spawned;
    expect(spawned.map(({parentId}) => parentId)).toEqual([0, main?.goroutineId, main?.goroutineId]);
    expect(ended.map(({goroutineId}) => goroutineId).sort((a, b) => a - b)).toEqual(
      spawned.map(({goroutineId}) => goroutineId),
    );
    expect(ended.every(({outcome}) => outcome === 'done')).toBe(true);
  });

  test('what a goroutine waits for', async () => {
    const blocked = collect<GoroutineBlockedEvent>('goroutine:blocked');
    await runtime.run('goroutine.sleep(5) host() channel.make():receive(0.005)', {
      globals: {host: () => new Promise<number>((resolve) => setTimeout(resolve, 20, 1))},
    });
    expect(blocked.map(({waitsFor}) => waitsFor)).toEqual(['sleep', 'host call', 'channel receive']);
  });

  test('errors, whether or not somebody catches them, and cancellations', async () => {
    const errors = collect<GoroutineErrorEvent>('goroutine:error');
    const ended = collect<GoroutineEndEvent>('goroutine:end');
    await runtime.run('goroutine.async(function() error("oh") end):await()', {chunkName: '@a.lua'});
    expect(errors.map(({message}) => message)).toEqual(['a.lua:1: oh']);
    await runtime.start('goroutine.sleep(60000)', {timeoutMs: 20}).report;
    expect(ended.map(({outcome}) => outcome)).toEqual(['failed', 'done', 'cancelled']);
  });

  test('host calls and their answers', async () => {
    const calls = collect<HostCallEvent>('host:call');
    const answers = collect<HostAnswerEvent>('host:answer');
    async function load() {
      return 1;
    }
    function refuse() {
      throw new Error('no');
    }
    await runtime.run('load() pcall(refuse)', {globals: {load, refuse}});
    expect(calls.map(({name}) => name)).toEqual(['load', 'refuse']);
    expect(answers.map(({name, ok, callId}) => [name, ok, callId])).toEqual([
      ['load', true, calls[0]?.callId],
      ['refuse', false, calls[1]?.callId],
    ]);
    expect(answers.every(({durationMs}) => durationMs >= 0)).toBe(true);
  });

  test('nothing of what the library itself does', async () => {
    const spawned = collect<GoroutineSpawnEvent>('goroutine:spawn');
    const ended = collect<GoroutineEndEvent>('goroutine:end');
    const channel = runtime.channel<number>(1);
    await channel.send(1);
    await channel.receive();
    expect([spawned, ended]).toEqual([[], []]);
  });

  test('that many events were lost, when subscribers do not keep up', async () => {
    const spawned = collect<GoroutineSpawnEvent>('goroutine:spawn');
    const ended = collect<GoroutineEndEvent>('goroutine:end');
    const lost = collect<{dropped: number}>('events:dropped');
    const source = 'local wg = goroutine.wait_group() for _ = 1, 60000 do wg:go(function() end) end wg:wait()';
    const run = runtime.start(source);
    // The event loop takes nothing meanwhile.
    const end = performance.now() + 60_000;
    while (runtime.stats().spawned < 60_000 && performance.now() < end);
    await run.result;
    await expect.poll(() => spawned.length + ended.length + (lost.at(-1)?.dropped ?? 0)).toBe(2 * 60_001);
    expect(lost.length).toBeGreaterThan(0);
  });
});

test('without subscribers the addon collects nothing', async () => {
  const quiet = new Runtime({workers: 1});
  const before = quiet.stats().messages;
  await quiet.run('for _ = 1, 100 do goroutine.async(function() end):await() end');
  // The end of the run.
  expect(quiet.stats().messages - before).toBe(1);
  await quiet.close();
});
