import {describe, expect, it} from 'vitest';
import {Runtime} from '../../lib/runtime.js';
import {runVirtual, traceOf} from './virtual-run.js';

/** What a script returns that must succeed. */
async function valuesOf(source: string, seed = 0): Promise<readonly unknown[]> {
  const {kind, message, values} = await runVirtual(source, {seed});
  expect({kind, message}).toEqual({kind: 'succeeded', message: undefined});
  return values;
}

describe('virtual time', () => {
  it('makes an hour of sleeps and timeouts short, in the right order', async () => {
    const {stdout, ms} = await runVirtual(`
      local minute = 60e3
      local begin = goroutine.now()
      local function say(what) print((goroutine.now() - begin) // minute, what) end
      local ch = channel.make()
      go.spawn(function() goroutine.sleep(50 * minute) say("sent") ch:send("late") end)
      go.spawn(function() for i = 1, 3 do goroutine.sleep(10 * minute) say("tick " .. i) end end)
      go.spawn(function() say(select(2, goroutine.timeout(25 * minute, goroutine.sleep, math.huge))) end)
      local value, ok, why = ch:receive(15 * 60)
      say(why)
      say((ch:receive()))
      goroutine.sleep(10 * minute)
      say(os.date("!%H:%M"))`);
    expect(stdout.split('\n')).toEqual([
      '10.0\ttick 1',
      '15.0\ttimeout',
      '20.0\ttick 2',
      '25.0\ttimeout exceeded',
      '30.0\ttick 3',
      '50.0\tsent',
      '50.0\tlate',
      '60.0\t01:00',
      '',
    ]);
    expect(ms).toBeLessThan(10_000);
  });

  it('is what every function that reads a clock sees', async () => {
    const {values, stderr} = await runVirtual(`
      goroutine.sleep(90e3)
      log.info("now")
      return os.time(), os.date("!%Y-%m-%d %H:%M:%S"), os.clock() // 1, goroutine.now() // 1000,
        os.time{year = 2001, month = 2, day = 3, hour = 4} > 0`);
    expect(values).toEqual([946_684_890, '2000-01-01 00:01:30', 90, 90, true]);
    expect(stderr).toMatch(/^\d\d:01:30\.\d{3} INFO {2}now\n$/);
  });

  it('passes with each reading, so that waiting for a time ends', async () => {
    expect(await valuesOf('local n, t = 0, os.time() while os.time() == t do n = n + 1 end return n > 1000')).toEqual([
      true,
    ]);
  });

  it.each([
    ['a loop', 'while true do end'],
    ['a loop in a coroutine', 'coroutine.wrap(function() while true do end end)()'],
    ['a loop in a comparator', 'table.sort({1, 2}, function() while true do end end)'],
    ['a loop in a metamethod', 'return #setmetatable({}, {__len = function() while true do end end})'],
    ['a loop with a hook', 'debug.sethook(function() end, "l") while true do end'],
    ['a loop with a count hook', 'debug.sethook(function() end, "", 3) while true do end'],
    ['a loop that catches everything', 'while true do pcall(function() while true do end end) end'],
    ['a channel', 'channel.make():receive()'],
    ['a lock in a comparator', 'local m = channel.make() table.sort({1, 2}, function() m:receive() end)'],
  ])('ends %s at its timeout', async (_name, body) => {
    const source = `
      local begin = goroutine.now()
      local ok, why = goroutine.timeout(20, function() ${body} end)
      return ok, why, (goroutine.now() - begin) // 1`;
    const values = await valuesOf(source);
    expect(values).toEqual([false, 'timeout exceeded', 20]);
    expect(await traceOf(source)).toBe(await traceOf(source, {workers: 2}));
  });

  it('ends a whole run at timeoutMs', async () => {
    const {kind, ms} = await runVirtual('while true do goroutine.sleep(1000) end', {timeoutMs: 3_600_000});
    expect(kind).toBe('timeout');
    expect(ms).toBeLessThan(20_000);
  });

  it('gives cleanup handlers of a cancelled goroutine their grace', async () => {
    expect(
      await valuesOf(`
        local begin, cleaned = goroutine.now(), nil
        local h = goroutine.async(function()
          defer(function() goroutine.sleep(300) cleaned = true end)
          defer(function() goroutine.sleep(math.huge) end)
          goroutine.sleep(math.huge)
        end)
        goroutine.sleep(10)
        h:cancel("enough")
        return select(2, h:await()), cleaned, (goroutine.now() - begin) // 100`),
    ).toEqual(['cancelled: enough', undefined, 10]);
  });

  it('stands still while a command runs', async () => {
    expect(await valuesOf('local t = goroutine.now() os.execute("sleep 0.1") return goroutine.now() - t < 1')).toEqual([
      true,
    ]);
  });
});

describe('a deterministic runtime', () => {
  it.each([
    ['computes', 'while true do end'],
    ['sleeps over and over', 'while true do goroutine.sleep(1) end'],
    ['waits for a command', 'os.execute("sleep 100")'],
    ['waits for the host', 'host()'],
    ['cleans up with the host', 'defer(host) while true do end'],
  ])('closes while a goroutine %s', async (_name, source) => {
    const runtime = new Runtime({clock: 'virtual', seed: 1, graceMs: 100});
    const globals = {host: () => new Promise<undefined>(() => {})};
    const run = runtime.start(`go.spawn(function() goroutine.sleep(5) end) started() ${source}`, {
      globals: {...globals, started: () => started()},
    });
    let started = (): void => {};
    await new Promise<void>((resolve) => {
      started = resolve;
    });
    await runtime.close({deadlineMs: 30_000});
    expect(await run.report).toMatchObject({kind: 'cancelled'});
    expect(runtime.stats()).toMatchObject({goroutines: 0, islands: 0});
  });

  it('refuses a clock it does not know', () => {
    expect(() => new Runtime({clock: 'sundial' as 'real'})).toThrow(
      "clock must be 'real', 'virtual' or 'manual', got sundial",
    );
  });
});
