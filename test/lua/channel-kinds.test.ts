import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript} from './script.js';

const none = undefined;

describe.concurrent('a full buffer', () => {
  const policies: readonly (readonly [policy: string, left: readonly number[], dropped: number])[] = [
    ['drop_oldest', [3, 4], 2],
    ['drop_newest', [1, 2], 2],
  ];
  const sends: readonly (readonly [how: string, code: string])[] = [
    ['send', 'c:send(i)'],
    ['try_send', 'assert(c:try_send(i) == true)'],
    ['channel.select', 'assert(channel.select({{"<-|", c, i, function(ok) return ok end}, {"default"}})[1] == true)'],
    ['goroutine.select', 'goroutine.select{{channel = c, send = i}}'],
    ['channel_send', 'assert(goroutine.channel_send(c, i) == true)'],
  ];
  for (const [policy, left, dropped] of policies) {
    for (const [how, code] of sends) {
      itReturns([
        [
          `with overflow '${policy}' never makes ${how} wait`,
          `local c = channel.make(2, {overflow = "${policy}"}) for i = 1, 4 do ${code} end return c:receive(), (c:receive()), c:stats().dropped`,
          left[0],
          left[1],
          dropped,
        ],
      ]);
    }
  }

  itReturns([
    [
      "with overflow 'error' raises in send, try_send and a selected send, and keeps what it has",
      `local c = channel.make(1, {overflow = "error"}) c:send(1)
       local function raised(...) return (select(2, pcall(...)):match("send on full channel")) end
       return raised(c.send, c, 2), raised(c.try_send, c, 2), raised(channel.select, {{"<-|", c, 2}, {"default"}}), c:receive(), c:try_send(3)`,
      'send on full channel',
      'send on full channel',
      'send on full channel',
      1,
      true,
    ],
    [
      "with overflow 'error' makes channel_send return the reason",
      'local c = channel.make(1, {overflow = "error"}) c:send(1) return goroutine.channel_send(c, 2)',
      false,
      'send on full channel',
    ],
    [
      "with overflow 'block' makes senders wait",
      'local c = channel.make(1, {overflow = "block"}) c:send(1) return c:send(2, 0.001)',
      false,
      'timeout',
    ],
    [
      'drops nothing while somebody waits to receive',
      `local c = channel.make(1, {overflow = "drop_newest"})
       local h = goroutine.async(function() return c:receive() end)
       goroutine.sleep(5) c:send("taken") c:send("buffered") return c:stats().dropped, (select(2, h:await()))`,
      0,
      'taken',
    ],
    [
      'keeps its policy on other islands',
      `local c = channel.make(2, {overflow = "drop_oldest"})
       goroutine.parallel(function(c) for i = 1, 10 do c:send(i) end c:close() end, c):await()
       local got = {} for v in c:range() do got[#got + 1] = v end return table.concat(got, " "), c:stats().dropped, c:stats().closed`,
      '9 10',
      8,
      true,
    ],
    [
      'raises for a closed channel whatever the policy',
      'local c = channel.make(1, {overflow = "drop_oldest"}) c:close() return pcall(c.send, c, 1)',
      false,
      'send on closed channel',
    ],
    [
      'is described by the statistics',
      'local s = channel.make(3, {overflow = "drop_newest"}):stats() return s.len, s.cap, s.closed, s.dropped, s.overflow',
      0,
      3,
      false,
      0,
      'drop_newest',
    ],
  ]);

  itRaises([
    [
      'needs a buffer to overflow',
      'channel.make(0, {overflow = "drop_oldest"})',
      /overflow 'drop_oldest' needs a buffer/,
    ],
    ['knows four policies', 'channel.make(1, {overflow = "explode"})', /overflow must be 'block', .* got explode/],
    ['takes a policy by its name', 'channel.make(1, {overflow = true})', /overflow must be .* got true/],
    [
      'has no other options',
      'channel.make(1, {overfow = "error"})',
      /option 'overfow' is not known; there is overflow/,
    ],
    [
      'takes options in a table',
      'channel.make(1, "error")',
      /bad argument #2 to 'make' \(table expected, got string\)/,
    ],
  ]);
});

describe.concurrent('a channel with priorities', () => {
  itReturns([
    [
      'gives the highest first, and one priority in order',
      `local c = channel.priority(10)
       c:send("a", 1) c:send("b", 5) c:send("c") c:send("d", 5) c:send("e", -2) c:close()
       local got = {} for v in c:range() do got[#got + 1] = v end return table.concat(got)`,
      'bdace',
    ],
    [
      'may have numbered levels, of which 1 is the lowest and the one meant',
      'local c = channel.priority(3, {levels = 3}) c:send("a") c:send("b", 3) c:send("c", 1) return c:receive(), (c:receive()), (c:receive())',
      'b',
      'a',
      'c',
    ],
    [
      'may have named levels',
      'local c = channel.priority(3, {levels = {"low", "high"}}) c:send("a") c:send("b", "high") c:try_send("c", "high") return c:receive(), (c:receive()), (c:receive())',
      'b',
      'c',
      'a',
    ],
    [
      'takes priorities in both forms of select',
      `local c = channel.priority(2)
       channel.select{{"<-|", c, "a", priority = 1}} goroutine.select{{channel = c, send = "b", priority = 2}}
       return c:receive(), (c:receive())`,
      'b',
      'a',
    ],
    [
      'takes the timeout behind the priority',
      'local c = channel.priority(1) c:send(1) return c:send(2, 9, 0.001)',
      false,
      'timeout',
    ],
    ['says when it is full', 'local c = channel.priority(1) c:send(1) return c:try_send(2, 9)', false],
    ['has a length and a capacity', 'local c = channel.priority(4) c:send(1, 2) return #c, c:cap()', 1, 4],
    [
      'lets the urgent one of the waiting senders in first',
      `local c = channel.priority(0)
       for i = 1, 3 do go.spawn(function() c:send(i, i) end) end
       while (goroutine.stats().waiting["channel send"] or 0) < 3 do goroutine.sleep(1) end
       return c:receive(), (c:receive()), (c:receive())`,
      3,
      2,
      1,
    ],
    [
      'keeps its priorities on other islands',
      `local c = channel.priority(4, {levels = {"low", "high"}})
       goroutine.parallel(function(c) c:send("a", "low") c:send("b", "high") end, c):await()
       return c:receive(), (c:receive())`,
      'b',
      'a',
    ],
    [
      'drops the lowest when it overflows',
      'local c = channel.priority(2, {overflow = "drop_oldest"}) c:send("a", 1) c:send("b", 2) c:send("c", 3) c:send("d", 0) return c:receive(), (c:receive()), c:stats().dropped',
      'c',
      'b',
      2,
    ],
    [
      'wakes a receiver that waits',
      'local c = channel.priority(1) go.spawn(function() goroutine.sleep(2) c:send("x", 3) end) return c:receive()',
      'x',
      true,
    ],
    [
      'lets a sender that waits be cancelled',
      `local c = channel.priority(1) c:send(1)
       local h = goroutine.async(function() c:send(2, 5) end) goroutine.sleep(2) h:cancel("enough")
       return select(2, h:await()), c:receive(), c:len()`,
      'cancelled: enough',
      1,
      0,
    ],
    [
      'wakes senders that wait when it is closed',
      `local c = channel.priority(1) c:send(1)
       local h = goroutine.async(function() return pcall(c.send, c, 2, 5) end) goroutine.sleep(2) c:close()
       return h:await()`,
      true,
      false,
      'send on closed channel',
    ],
  ]);

  itRaises([
    ['needs a capacity', 'channel.priority()', /bad argument #1 to 'priority'/],
    ['needs whole priorities', 'channel.priority(1):send(1, 1.5)', /a priority must be an integer, got 1.5/],
    [
      'needs priorities that are numbers',
      'channel.priority(1):send(1, {})',
      /a priority must be an integer, got table/,
    ],
    ['knows its levels', 'channel.priority(1, {levels = 2}):send(1, 3)', /an integer from 1 to 2, got 3/],
    ['knows its names', 'channel.priority(1, {levels = {"a", "b"}}):try_send(1, "c")', /one of a, b, got c/],
    ['needs a level', 'channel.priority(1, {levels = 0})', /levels must be an integer of at least 1/],
    ['needs different names', 'channel.priority(1, {levels = {"a", "a"}})', /levels: 'a' is there twice/],
    ['needs names', 'channel.priority(1, {levels = {"a", 2}})', /a name was expected at index 2, got number/],
    ['has no unknown options', 'channel.priority(1, {level = 2})', /option 'level' is not known/],
    ['is not what channel.make makes', 'channel.make(1, {levels = 2})', /option 'levels' is not known/],
    [
      'is needed for a case with a priority',
      'channel.select{{"<-|", channel.make(1), 1, priority = 2}}',
      /select case 1: this channel has no priorities/,
    ],
    [
      'has no priorities for what is received',
      'channel.select{{"|<-", channel.priority(1), priority = 2}}',
      /select case 1: only what is sent has a priority/,
    ],
  ]);
});

describe.concurrent('channel.after', () => {
  itReturns([
    [
      'gives the time once, in seconds of the clock of goroutine.now',
      `local before = goroutine.now()
       local t, ok = channel.after(0.02):receive()
       return ok, math.abs(t - before / 1000 - 0.02) < 0.2, goroutine.now() >= before + 20`,
      true,
      true,
      true,
    ],
    [
      'is goroutine.after in milliseconds',
      'local before = goroutine.now() local t = goroutine.after(5):receive() return t >= before + 5, t <= goroutine.now()',
      true,
      true,
    ],
    ['is ready at once after no time', 'return channel.after(0):try_receive() ~= nil', true],
    ['can be tried', 'local a = channel.after(60) return a:try_receive()', none, false, 'empty'],
    [
      'ends a select',
      'local r = channel.select{{"|<-", channel.make()}, {"|<-", channel.after(0.01), function() return "late" end}} return r[1]',
      'late',
    ],
    ['lets a receive time out before it', 'return channel.after(60):receive(0.001)', none, false, 'timeout'],
    [
      'wakes goroutines of other islands',
      'return goroutine.parallel(function(a) return (select(2, a:receive())) end, channel.after(0.005)):await()',
      true,
      true,
    ],
    [
      'can be stopped, which wakes who waits',
      `local a = channel.after(60)
       local h = goroutine.async(function() return a:receive() end) goroutine.sleep(2)
       return a:stop(), a:stop(), a:is_closed(), h:await()`,
      true,
      false,
      true,
      true,
      none,
      false,
    ],
    [
      'can be waited for in a coroutine',
      'return coroutine.wrap(function() return (channel.after(0.005):receive()) end)() > 0',
      true,
    ],
    [
      'can be waited for inside pcall',
      'return pcall(function() return channel.after(0.005):receive() > 0 end)',
      true,
      true,
    ],
    [
      'can be waited for where Lua cannot yield',
      'local t = {2, 1} table.sort(t, function(a, b) channel.after(0.002):receive() return a < b end) return t[1]',
      1,
    ],
    [
      'gives up its wait when the goroutine is cancelled',
      'local h = goroutine.async(function() channel.after(60):receive() end) goroutine.sleep(2) h:cancel("x") return h:await()',
      false,
      'cancelled: x',
      'cancelled',
    ],
    ['holds no run open', 'channel.after(3600) goroutine.ticker(3600000) return 1', 1],
  ]);

  itRaises([
    ['needs a time', 'channel.after()', /bad argument #1 to 'after' \(number expected, got no value\)/],
    ['needs a time that is not negative', 'goroutine.after(-1)', /bad argument #1 to 'after'.*negative/],
    ['needs a time that is a number', 'channel.after(0/0)', /NaN/],
    ['is not for sending', 'channel.after(1):send(1)', /cannot send on receive-only channel/],
    ['is what can be stopped', 'channel.make():stop()', /stop: this channel has no timer/],
  ]);

  it('is a deadlock for who waits for a second value', async () => {
    const {kind, message} = await runScript('local a = channel.after(0.001) a:receive() a:receive()');
    expect(kind).toBe('deadlock');
    expect(message).toContain('is blocked in channel receive');
  });

  it('is a deadlock for who waits when it never comes', async () => {
    expect((await runScript('channel.after(math.huge):receive()')).kind).toBe('deadlock');
  });

  it('does not hide a deadlock of others once it is over', async () => {
    const source = 'go.spawn(function() channel.after(0.01):receive() end) channel.make():receive()';
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain('1 goroutine is blocked');
  });
});

describe.concurrent('a ticker', () => {
  itReturns([
    [
      'ticks until it is stopped, which ends a loop over it',
      'local t, n = goroutine.ticker(2), 0 for _ in t:range() do n = n + 1 if n == 3 then t:stop() end end return n, t:is_closed()',
      3,
      true,
    ],
    [
      'keeps its beat',
      'local t = goroutine.ticker(10) local a, b = t:receive(), (t:receive()) local beats = (b - a) / 10 return math.abs(beats - math.floor(beats + 0.5)) < 1e-6',
      true,
    ],
    [
      'is channel.ticker in seconds',
      'local t = channel.ticker(0.005) local a, b = t:receive(), (t:receive()) return b - a >= 0.0049, b - a < 3',
      true,
      true,
    ],
    [
      'keeps one tick for who is late, drops the others and counts them',
      'local t = goroutine.ticker(2) goroutine.sleep(30) local n, dropped = #t, t:stats().dropped local _, first = t:try_receive() return n, dropped >= 5, first',
      1,
      true,
      true,
    ],
    [
      'may be closed',
      'local t = goroutine.ticker(60000) return t:close(), t:is_closed(), t:receive()',
      true,
      true,
      none,
      false,
    ],
    [
      'forgets its tick when it is stopped',
      'local t = goroutine.ticker(1) goroutine.sleep(5) return t:stop(), t:receive()',
      true,
      none,
      false,
    ],
    [
      'serves several islands, each tick once',
      `local t, n = goroutine.ticker(1), goroutine.atomic_int()
       local hs = {}
       for i = 1, 3 do hs[i] = goroutine.parallel(function(t, n) for _ in t:range() do if n:add(1) >= 10 then t:stop() end end end, t, n) end
       for _, h in ipairs(hs) do assert(h:await()) end
       return n:load() >= 10, t:stats().closed`,
      true,
      true,
    ],
    [
      'takes turns with other channels in a select',
      `local t, work, ticks, got = goroutine.ticker(2), channel.make(3), 0, 0
       for i = 1, 3 do work:send(i) end
       while ticks < 2 or got < 3 do
         channel.select{{"|<-", t, function() ticks = ticks + 1 end}, {"|<-", work, function() got = got + 1 end}}
       end
       return got`,
      3,
    ],
  ]);

  itRaises([
    ['needs time between two ticks', 'goroutine.ticker(0)', /the time between two ticks must be longer than 0/],
    ['needs a time that is not negative', 'channel.ticker(-1)', /bad argument #1 to 'ticker'.*negative/],
    ['is closed once', 'local t = channel.ticker(1) t:close() t:close()', /close of closed channel/],
  ]);

  it('keeps nobody else from a deadlock', async () => {
    const {kind} = await runScript('local t = goroutine.ticker(1) t:receive() channel.make():receive()');
    expect(kind).toBe('deadlock');
  });
});
