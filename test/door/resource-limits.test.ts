import {afterAll, describe, expect, test, vi} from 'vitest';
import {Runtime, type RuntimeOptions, SlothError} from '../../lib/index.js';
import {shareOfCrowd} from '../support/lua-crowd.js';

const opened: Runtime[] = [];
function make(options: RuntimeOptions = {}): Runtime {
  const runtime = new Runtime({workers: 4, ...options});
  opened.push(runtime);
  return runtime;
}
afterAll(() => Promise.all(opened.map((runtime) => runtime.close())));

const mebi = 1 << 20;

// Six goroutines on islands of their own ask for seven mebibytes each, one after the other, and keep them: how many got them, and what the
// others were told. To make such a string takes twice as much for a moment.
const sixBySeven = `
  local turn, answer, gate, handles = channel.make(), channel.make(), channel.make(), {}
  for i = 1, 6 do
    handles[i] = goroutine.parallel(function()
      turn:receive()
      local ok, text = pcall(string.rep, "x", 7 << 20)
      answer:send(ok or text)
      gate:receive()
      return #text
    end)
  end
  local got, told = 0, nil
  for i = 1, 6 do
    turn:send(true)
    local result = answer:receive()
    if result == true then got = got + 1 else told = result end
  end
  gate:close()
  goroutine.await_all(handles)
  return got, told`;

const share = `${shareOfCrowd}
  return share`;

describe('what all islands hold together', () => {
  test('is limited: whoever asks for more is told, and others keep theirs', async () => {
    const runtime = make();
    runtime.limit({memoryBytes: 32 * mebi});
    const [got, told] = await runtime.run<[number, string]>(sixBySeven);
    expect([got, told]).toEqual([3, 'not enough memory']);
    await vi.waitUntil(() => runtime.stats().memoryBytes < mebi);
    expect(await runtime.run('return #("x"):rep(10 << 20)')).toEqual([10 * mebi]);
  });

  test('ends a run with E_MEMORY, and the runtime lives on', async () => {
    const runtime = make();
    runtime.limit({memoryBytes: 16 * mebi});
    const error = await runtime.run('local t = {} for i = 1, math.huge do t[i] = {i} end').catch((reason) => reason);
    expect(error).toBeInstanceOf(SlothError);
    expect(error.code).toBe('E_MEMORY');
    // Its heap goes right after its end.
    await vi.waitUntil(() => runtime.stats().memoryBytes < mebi);
    expect(await runtime.run('return 1')).toEqual([1]);
  });

  test('counts again what islands free, and those that are gone', async () => {
    const runtime = make({workers: 1});
    await runtime.run(`
      local text = ("x"):rep(20 << 20)
      text = nil
      collectgarbage()
      goroutine.parallel(function() return #("x"):rep(20 << 20) end):await()`);
    await vi.waitUntil(() => runtime.stats().memoryBytes < mebi);
  });

  test('may be changed while programs run', async () => {
    const runtime = make();
    const [told] = await runtime.run<[string]>(
      `local kept = ("x"):rep(8 << 20)
       tighten()
       local ok, told = pcall(string.rep, "y", 1 << 20)
       loosen()
       return told, #kept, #("y"):rep(1 << 20)`,
      {
        globals: {
          tighten: () => runtime.limit({memoryBytes: mebi}),
          loosen: () => runtime.limit({memoryBytes: 64 * mebi}),
        },
      },
    );
    expect(told).toBe('not enough memory');
  });
});

describe('the islands of a run', () => {
  test('have their own limit together, and other runs are not touched', async () => {
    const runtime = make();
    const [limited, other] = await Promise.all([
      runtime.run<[number, string]>(sixBySeven, {limits: {memoryBytes: 24 * mebi}}),
      runtime.run<[number]>(sixBySeven),
    ]);
    expect(limited).toEqual([2, 'not enough memory']);
    expect(other[0]).toBe(6);
  });

  test('count for the limit of all, too', async () => {
    const runtime = make();
    runtime.limit({memoryBytes: 16 * mebi});
    const [got] = await runtime.run<[number]>(sixBySeven, {limits: {memoryBytes: 1024 * mebi}});
    expect(got).toBe(1);
  });

  test('are what a function with limits lives on', async () => {
    const runtime = make();
    const grow = await runtime.load('local t = {} for i = 1, 100000 do t[i] = {i} end return #t');
    expect((await grow.start({limits: {memoryBytes: mebi}}).report).kind).toBe('memory');
    expect(await grow.start({limits: {memoryBytes: 64 * mebi}}).result).toEqual([100_000]);
  });

  test('cannot be what a function lives on that shares what it captured: it raises with the reason', async () => {
    const count = await make().load('n = (n or 0) + 1 return n', {chunkName: '@count.lua'});
    const {kind, message} = await count.start({limits: {memoryBytes: mebi}}).report;
    expect(kind).toBe('failed');
    expect(message).toMatch(/a function with limits needs an island of its own: .*'n'/);
  });

  test('are run by so many workers at a time', async () => {
    const runtime = make();
    const [one] = await runtime.run<[number]>(share, {limits: {workers: 1}});
    expect(one).toBeLessThan(1.4);
    const [two] = await runtime.run<[number]>(share, {limits: {workers: 2}});
    expect(two).toBeLessThan(2.4);
  });

  test('take turns when one computes and another waits for its turn', async () => {
    const source = `
      local done = goroutine.atomic_int()
      local spinning = goroutine.parallel(function() while done:load() == 0 do end return "saw it" end)
      goroutine.parallel(function() done:store(1) end):await()
      return (select(2, spinning:await()))`;
    expect(await make().run(source, {limits: {workers: 1}})).toEqual(['saw it']);
  });

  test('let each other run while one waits where Lua cannot yield', async () => {
    const source = `
      local numbers = channel.make()
      local sorted = goroutine.parallel(function()
        local list = {3, 1, 2}
        table.sort(list, function(a, b) numbers:receive() return a < b end)
        return table.concat(list)
      end)
      local feeder = goroutine.parallel(function() for i = 1, 100 do if not numbers:send(i, 1) then return end end end)
      local _, text = sorted:await()
      feeder:cancel()
      return text`;
    expect(await make().run(source, {limits: {workers: 1}})).toEqual(['123']);
  });

  test('that wait for their turn are gone when the runtime is closed', async () => {
    const runtime = new Runtime({workers: 4, stderr: () => {}});
    const run = runtime.start('for i = 1, 20 do goroutine.parallel(function() while true do end end) end', {
      limits: {workers: 1},
    });
    await runtime.close();
    expect((await run.report).kind).toBe('cancelled');
    expect(runtime.stats().islands).toBe(0);
  });
});

describe('workers', () => {
  test('become fewer, and again as many as there were', async () => {
    const runtime = make();
    runtime.limit({workers: 1});
    expect(runtime.stats().workers).toBe(1);
    const [one] = await runtime.run<[number]>(share);
    expect(one).toBeLessThan(1.4);
    runtime.limit({workers: 100});
    expect(runtime.stats().workers).toBe(4);
  });
});

test.each([
  [{memoryBytes: 0}, 'limits.memoryBytes must be a positive integer, got 0'],
  [{workers: 1.5}, 'limits.workers must be a positive integer, got 1.5'],
  [{memoryBytes: '1Gi' as never}, 'limits.memoryBytes must be a positive integer, got 1Gi'],
  [5 as never, 'limits must be an object, got 5'],
])('%j is no limit', async (limits, message) => {
  const runtime = make();
  expect(() => runtime.limit(limits)).toThrow(message);
  expect(() => runtime.start('return 1', {limits})).toThrow(message);
});

test('limits are refused once the runtime is closed', async () => {
  const runtime = new Runtime();
  await runtime.close();
  expect(() => runtime.limit({workers: 1})).toThrow(expect.objectContaining({code: 'E_CLOSED'}));
});
