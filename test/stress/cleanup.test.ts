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

describe('a goroutine that is cancelled while a <close> handler runs', () => {
  const guarded = 'local guard <close> = setmetatable({}, {__close = close})';
  const cases = [
    ['of a block that is left', `do ${guarded} end`],
    ['of a function that returns', `(function() ${guarded} return 1, 2 end)()`],
    ['of an error that is caught', `pcall(function() ${guarded} error("x") end)`],
    ['of a loop', 'for _ in next, {1}, nil, setmetatable({}, {__close = close}) do end'],
    ['within a handler that calls others', `do ${guarded.replace('= close', '= function() pcall(close) end')} end`],
  ] as const;

  test.each(cases)('finishes that %s, and goes no further', async (_what, leave) => {
    const [ok, kind, value, further] = await run(`
      local ready, ch = channel.make(1), channel.make(2)
      local h = goroutine.parallel(function()
        local function close()
          ready:send(true)
          goroutine.sleep(20)
          for _ = 1, 100000 do end
          ch:send("finished")
        end
        ${leave}
        goroutine.sleep(60000)
        ch:send("further")
      end)
      ready:receive()
      h:cancel()
      local ok, _, kind = h:await()
      return ok, kind, ch:try_receive(), (ch:try_receive())`);
    expect({ok, kind, value, further}).toEqual({ok: false, kind: 'cancelled', value: 'finished', further: undefined});
  });

  test('has the grace for it, not more', async () => {
    const [ok, ms] = await run(`
      local ready = channel.make(1)
      local h = goroutine.shared(function()
        do local guard <close> = setmetatable({}, {__close = function() ready:send(1) goroutine.sleep(60000) end}) end
      end)
      ready:receive()
      local started = goroutine.now()
      h:cancel()
      local ok = h:await()
      return ok, goroutine.now() - started`);
    expect(ok).toBe(false);
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(10_000);
  });
});
