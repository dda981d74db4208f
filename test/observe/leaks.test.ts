import {describe, expect, it} from 'vitest';
import {valuesOf} from '../lua/script.js';

/**
 * What leaks after a script's text, once there are `count` of them: `operation line` of each goroutine. Without a count,
 * what is found after a while.
 */
async function leaksAfter(source: string, count?: number): Promise<readonly string[]> {
  const [text] = await valuesOf(
    `${source}
local patience, wanted = ...
local leaks
for try = 1, patience do
  goroutine.sleep(10)
  leaks = goroutine.leaks()
  if #leaks >= wanted then break end
end
local found = {}
for i, leak in ipairs(leaks) do
  found[i] = leak.waiting_for .. " " .. leak.spawned_at:match("%d+$")
end
return table.concat(found, ", ")`,
    {noWait: true, args: count === undefined ? [5, 1] : [1000, count]},
  );
  return text === '' ? [] : String(text).split(', ');
}

describe.concurrent('goroutine.leaks finds', () => {
  const leaks: readonly (readonly [what: string, source: string, ...found: readonly string[]])[] = [
    [
      'a send that nobody receives',
      'local function ask() local ch = channel.make() go.spawn(function() ch:send(1) end) end ask()',
      'channel send 1',
    ],
    [
      "a goroutine that shares its parent's island",
      'local n = 0 local function ask() local ch = channel.make() goroutine.shared(function() n = n + 1 ch:receive() end) end ask()',
      'channel receive 1',
    ],
    [
      'a wait in a coroutine',
      'local function ask() local ch = channel.make() goroutine.shared(function() coroutine.wrap(function() ch:receive() end)() end) end ask()',
      'channel receive 1',
    ],
    [
      'a wait in place',
      'local function ask() local ch = channel.make() go.spawn(function() table.sort({1, 2}, function() ch:receive() end) end) end ask()',
      'channel receive 1',
    ],
    [
      'a select none of whose channels anybody has',
      'go.spawn(function() channel.select{{"|<-", channel.make()}, {"<-|", channel.make(), 1}} end)',
      'select 1',
    ],
    [
      'two that wait for each other',
      'local function both() local a, b = channel.make(), channel.make()\ngo.spawn(function() a:receive() b:send(1) end)\ngo.spawn(function() b:receive() a:send(1) end) end both()',
      'channel receive 2',
      'channel receive 3',
    ],
    [
      'who awaits one that leaks',
      'local inner = go.spawn(function() channel.make():receive() end)\ngo.spawn(function() inner:await() end)',
      'channel receive 1',
      'await 2',
    ],
    [
      'a wait group nobody else has',
      'go.spawn(function() local wg = goroutine.wait_group() wg:add() wg:wait() end)',
      'wg:wait 1',
    ],
    [
      'two locks taken in two orders by goroutines of their own',
      'local function both() local a, b = goroutine.mutex(), goroutine.mutex()\ngoroutine.shared(function() a:lock() goroutine.sleep(2) b:lock() end)\ngoroutine.shared(function() b:lock() goroutine.sleep(2) a:lock() end) end both()',
      'mutex lock 2',
      'mutex lock 3',
    ],
    [
      'a channel that only a weak table has',
      'weak = setmetatable({}, {__mode = "v"}) local function ask() local ch = channel.make() weak[1] = ch goroutine.shared(function() ch:receive() end) end ask()',
      'channel receive 1',
    ],
    [
      'a channel that only its own deferred function would close',
      'local function ask() local ch = channel.make() goroutine.shared(function() defer(function() ch:close() end) ch:receive() end) end ask()',
      'channel receive 1',
    ],
  ];
  it.each(leaks)('%s', async (_what, source, ...found) => {
    expect(await leaksAfter(source, found.length)).toEqual(found);
  });

  it('all of many, in order', async () => {
    const [count, ordered] = await valuesOf(
      `for i = 1, 500 do go.spawn(function() channel.make():receive() end) end
repeat goroutine.sleep(5) until goroutine.stats().waiting["channel receive"] == 500
local list, ordered = goroutine.leaks(), true
for i = 2, #list do ordered = ordered and list[i - 1].id < list[i].id end
return #list, ordered`,
      {noWait: true},
    );
    expect([count, ordered]).toEqual([500, true]);
  });
});

describe.concurrent('goroutine.leaks does not accuse', () => {
  const innocent: readonly (readonly [what: string, source: string])[] = [
    [
      'a wait on a channel in a local',
      'local ch = channel.make() go.spawn(function() ch:receive() end) keep = function() return ch end',
    ],
    [
      'a wait on a channel in a global table',
      'box = {} box.ch = channel.make() local ch = box.ch go.spawn(function() ch:receive() end)',
    ],
    [
      'a wait on a channel in an upvalue of a sleeping goroutine',
      'local function ask() local ch = channel.make() go.spawn(function() ch:receive() end) go.spawn(function() goroutine.sleep(60000) ch:send(1) end) end ask()',
    ],
    [
      'a wait on a channel that a goroutine which computes has',
      'local function ask() local ch = channel.make() go.spawn(function() ch:receive() end) go.spawn(function() local t = goroutine.now() while goroutine.now() - t < 400 do end ch:send(1) end) end ask()',
    ],
    [
      'a wait on a channel in a buffer',
      'post = channel.make(1) local function ask() local ch = channel.make() post:send(ch) go.spawn(function() ch:receive() end) end ask()',
    ],
    ['a wait with a timeout', 'go.spawn(function() channel.make():receive(60) end)'],
    ['a sleep', 'go.spawn(function() goroutine.sleep(60000) end)'],
    [
      'a wait inside goroutine.timeout',
      'go.spawn(function() goroutine.timeout(60000, function() channel.make():receive() end) end)',
    ],
    [
      'a lock whose holder sleeps',
      'local function both() local mu = goroutine.mutex() goroutine.shared(function() mu:lock() goroutine.sleep(60000) end) goroutine.shared(function() goroutine.sleep(2) mu:lock() end) end both()',
    ],
    [
      'a wait that a chain of waits will end',
      `local function chain() local a, b, c = channel.make(), channel.make(), channel.make()
        go.spawn(function() a:receive() b:send(1) end) go.spawn(function() b:receive() c:send(1) end)
        go.spawn(function() c:receive() end) first = a end chain()`,
    ],
    [
      'a wait on a channel that a finalizer may close',
      'local function ask() local ch = channel.make() goroutine.shared(function() ch:receive() end) setmetatable({}, {__gc = function() ch:close() end}) end collectgarbage("stop") ask()',
    ],
    [
      'a wait that a context may end',
      'ctx = goroutine.context():with_cancel() go.spawn(function() channel.make():receive({ctx = ctx}) end)',
    ],
    [
      'a wait for the end of a context',
      'ctx = goroutine.context():with_cancel() local function ask() local done = ctx:done() goroutine.shared(function() done:receive() end) end ask()',
    ],
    [
      'a goroutine bound to a context',
      'ctx = goroutine.context():with_cancel() go.spawn(ctx, function() channel.make():receive() end)',
    ],
    [
      'jobs of a pool',
      'goroutine.pool_create("p", {workers = 1}) goroutine.pool_submit("p", function() goroutine.sleep(60000) end) go.spawn(function() goroutine.pool_wait("p") end)',
    ],
  ];
  it.each(innocent)('%s', async (_what, source) => {
    expect(await leaksAfter(source)).toEqual([]);
  });

  it('who can be reached through a function that JavaScript holds', async () => {
    const {Runtime} = await import('../../lib/runtime.js');
    const runtime = new Runtime({workers: 2});
    const held: unknown[] = [];
    const run = runtime.start(
      `local ch = channel.make()
local n = 0
goroutine.shared(function() n = n + 1 ch:receive() end)
hold(function() ch:send(1) end)
ch = nil
goroutine.sleep(20)
return #goroutine.leaks()`,
      {globals: {hold: (fn) => void held.push(fn)}, noWait: true},
    );
    expect(await run.result).toEqual([0]);
    expect(held).toHaveLength(1);
    await runtime.close();
  });

  it('marks what it finds in a dump', async () => {
    const [text] = await valuesOf(
      'go.spawn(function() channel.make():receive() end) repeat goroutine.sleep(2) until #goroutine.leaks() == 1 return goroutine.dump()',
      {noWait: true},
    );
    expect(text).toMatch(
      /^2 goroutines on 2 islands, 1 leaked\n[\s\S]*goroutine 2 \[channel receive for [\d.]+ s, leaked\]/,
    );
  });
});
