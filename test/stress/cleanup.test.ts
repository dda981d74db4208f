import {describe, expect, test} from 'vitest';
import {Runtime} from '../../lib/index.js';

async function run(source: string): Promise<unknown[]> {
  await using runtime = new Runtime({workers: 2});
  return await runtime.run(source);
}

describe('a goroutine that is cancelled while its deferred functions run', () => {
  const cases = [
    ['sleeps', 'goroutine.sleep(20)'],
    ['waits for a channel', 'gate:receive()'],
    ['computes', 'for _ = 1, 3000000 do end'],
  ] as const;

  test.each(cases)('finishes one that %s', async (_what, waits) => {
    const [ok, value] = await run(`
      local gate, ready, ch = channel.make(), channel.make(1), channel.make(1)
      local h = goroutine.parallel(function()
        defer(function() ready:send(true) ${waits} ch:send("finished") end)
      end)
      ready:receive()
      h:cancel()
      gate:send(true, 0.02)
      return h:await(), ch:try_receive()`);
    expect({ok, value}).toEqual({ok: true, value: 'finished'});
  });

  test('is named by the report of a deadlock in one', async () => {
    const source = 'local gate = channel.make()\ngoroutine.shared(function() defer(function() gate:receive() end) end)';
    await expect(run(source)).rejects.toThrow(/1 goroutine is blocked[\s\S]*channel receive at chunk:2/);
  });
});
