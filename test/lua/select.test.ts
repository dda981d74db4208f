import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('channel.select', () => {
  itReturns([
    [
      'receives',
      'local c = channel.make(1) c:send("v") local r = channel.select{{"|<-", c, function(v, ok) return v, ok end}} return r.n, r[1], r[2]',
      2,
      'v',
      true,
    ],
    [
      'sends',
      'local c = channel.make(1) local r = channel.select{{"<-|", c, 5, function(ok) return "sent", ok end}} return r.n, r[1], r[2], c:receive()',
      2,
      'sent',
      true,
      5,
      true,
    ],
    [
      'takes the default when nothing is ready',
      'local r = channel.select{{"|<-", channel.make(), print}, {"default", function() return "d" end}} return r.n, r[1]',
      1,
      'd',
    ],
    [
      'prefers what is ready to the default',
      'local c = channel.make(1) c:send(1) local r = channel.select{{"default", function() return "d" end}, {"|<-", c, function(v) return v end}} return r[1]',
      1,
    ],
    [
      'returns all results of the handler and their number',
      'local c = channel.make(1) c:send(1) local r = channel.select{{"|<-", c, function() return nil, 2, nil end}} return r.n, r[1], r[2], r[3]',
      3,
      none,
      2,
      none,
    ],
    [
      'returns n = 0 for a handler without results',
      'local c = channel.make(1) c:send(1) local r = channel.select{{"|<-", c, function() end}} return r.n, #r',
      0,
      0,
    ],
    [
      'answers a receive without handler',
      'local c = channel.make(1) c:send("v") local r = channel.select{{"|<-", channel.make()}, {"|<-", c}} return r[1], r[2], r[3], r.n',
      2,
      'v',
      true,
      3,
    ],
    [
      'answers a send without handler',
      'local c = channel.make(1) local r = channel.select{{"<-|", c, 1}} return r[1], r[2], r[3], r.n',
      1,
      none,
      true,
      3,
    ],
    [
      'answers a default without handler',
      'local r = channel.select{{"|<-", channel.make()}, {"default"}} return r[1], r[2], r.n',
      2,
      none,
      1,
    ],
    [
      'finds a closed channel always ready',
      'local c = channel.make() c:close() local r = channel.select{{"|<-", c}} return r[1], r[2], r[3], r.n',
      1,
      none,
      false,
      3,
    ],
    [
      'gives the handler of a closed channel nil, false',
      'local c = channel.make() c:close() local r = channel.select{{"|<-", c, function(v, ok) return v, ok end}} return r[1], r[2], r.n',
      none,
      false,
      2,
    ],
    ['returns nil when the time is over', 'return channel.select({{"|<-", channel.make()}}, 0.01)', none],
    [
      'polls once with a timeout of zero',
      'local c = channel.make(1) local a = channel.select({{"|<-", c}}, 0) c:send(1) local b = channel.select({{"|<-", c}}, 0) return a, b[2]',
      none,
      1,
    ],
    [
      'waits without limit for math.huge',
      'local c = channel.make() go.spawn(function() goroutine.sleep(3) c:send(1) end) return channel.select({{"|<-", c}}, math.huge)[2]',
      1,
    ],
    ['takes a timeout in a table', 'return channel.select({{"|<-", channel.make()}}, {timeout = 0.01})', none],
    [
      'lets the default win over a timeout',
      'local t = goroutine.now() local r = channel.select({{"|<-", channel.make()}, {"default"}}, 60) return r[1], goroutine.now() - t < 30000',
      2,
      true,
    ],
    ['with no cases waits out its timeout', 'return channel.select({}, 0.01)', none],
    [
      'waits for a value',
      'local c, d = channel.make(), channel.make() go.spawn(function() goroutine.sleep(3) d:send(9) end) local r = channel.select{{"|<-", c}, {"|<-", d}} return r[1], r[2]',
      2,
      9,
    ],
    [
      'waits for a receiver',
      'local c, d = channel.make(), channel.make() local h = goroutine.async(function() goroutine.sleep(3) return d:receive() end) local r = channel.select{{"|<-", c}, {"<-|", d, "x"}} return r[1], h:await()',
      2,
      true,
      'x',
      true,
    ],
    [
      'waits for a channel to close',
      'local c = channel.make() go.spawn(function() goroutine.sleep(3) c:close() end) local r = channel.select{{"|<-", c}} return r[2], r[3]',
      none,
      false,
    ],
    ['sends false', 'local c = channel.make(1) channel.select{{"<-|", c, false}} return c:receive()', false, true],
    [
      'may have one channel in several cases',
      'local c = channel.make(1) local r = channel.select{{"|<-", c}, {"<-|", c, 1}} local q = channel.select{{"<-|", c, 2}, {"|<-", c}} return r[1], q[1], q[2]',
      2,
      2,
      1,
    ],
    [
      'runs a handler that waits',
      'local c = channel.make(1) c:send(1) local r = channel.select{{"|<-", c, function(v) goroutine.sleep(2) return v + 1 end}} return r[1]',
      2,
    ],
    [
      'runs a handler that selects',
      'local c = channel.make(2) c:send(1) c:send(2) local r = channel.select{{"|<-", c, function(v) return v, channel.select{{"|<-", c}}[2] end}} return r[1], r[2]',
      1,
      2,
    ],
    [
      'runs its handler in the same goroutine',
      'local c = channel.make(1) c:send(1) return channel.select{{"|<-", c, goroutine.id}}[1] == goroutine.id()',
      true,
    ],
    [
      'hands on the error of a handler after the operation',
      'local c = channel.make(1) c:send(1) local ok, e = pcall(channel.select, {{"|<-", c, function() error("h", 0) end}}) return ok, e, #c',
      false,
      'h',
      0,
    ],
    [
      'receives from views and sends to views',
      'local c = channel.make(1) channel.select{{"<-|", c:as_sender(), 1}} return channel.select{{"|<-", c:as_receiver()}}[2]',
      1,
    ],
    [
      'copies what it sends when it is called',
      'local c, t = channel.make(1), {1} channel.select{{"<-|", c, t}} t[1] = 2 return (c:receive())[1]',
      1,
    ],
    [
      'does nothing to the channels it did not choose',
      'local a, b = channel.make(1), channel.make(1) a:send(1) b:send(2) channel.select{{"|<-", a}, {"|<-", b}} return #a + #b',
      1,
    ],
    [
      'works with a hundred cases',
      'local cs, cases = {}, {} for i = 1, 100 do cs[i] = channel.make(1) cases[i] = {"|<-", cs[i]} end cs[73]:send("x") local r = channel.select(cases) return r[1], r[2]',
      73,
      'x',
    ],
  ]);

  itRaises([
    ['refuses an empty list without timeout', 'channel.select{}', /bad argument #1 to 'select'.*no cases/],
    ['refuses what is no list', 'channel.select(1)', /bad argument #1 to 'select' \(table expected, got number\)/],
    ['refuses two defaults', 'channel.select{{"default"}, {"default"}}', /select case 2: .*default/],
    ['refuses what is no channel', 'channel.select{{"|<-", {}}}', 'select case 1: a channel was expected, got table'],
    ['refuses a missing channel', 'channel.select{{"|<-"}}', 'select case 1: a channel was expected, got nil'],
    [
      'refuses another handle',
      'channel.select{{"|<-", goroutine.mutex()}}',
      /select case 1: a channel was expected, got/,
    ],
    [
      'refuses an unknown operation',
      'channel.select{{"<>", channel.make()}}',
      /select case 1: the first field must be/,
    ],
    ['refuses a case that is no table', 'channel.select{channel.make()}', 'select case 1: must be a table'],
    [
      'refuses to send nil',
      'channel.select{{"<-|", channel.make(), nil, print}}',
      'select case 1: cannot send nil: it would end a range loop',
    ],
    [
      'refuses a negative timeout',
      'channel.select({{"|<-", channel.make()}}, -1)',
      /bad argument #2 to 'select'.*negative/,
    ],
    ['refuses a NaN timeout', 'channel.select({{"|<-", channel.make()}}, 0/0)', /bad argument #2 to 'select'.*NaN/],
    [
      'refuses a handler that is no function',
      'channel.select{{"|<-", channel.make(), 3}}',
      'select case 1: the handler must be a function',
    ],
    [
      'refuses to send where only receiving is allowed',
      'channel.select{{"<-|", channel.make():as_receiver(), 1}}',
      'cannot send on receive-only channel',
    ],
    [
      'refuses to receive where only sending is allowed',
      'channel.select{{"|<-", channel.make():as_sender()}}',
      'cannot receive on send-only channel',
    ],
    [
      'refuses to send what cannot be copied',
      'channel.select{{"<-|", channel.make(1), {co = coroutine.create(print)}}}',
      "select case 1: cannot send field 'co': a coroutine cannot leave its island",
    ],
    [
      'raises for a send on a closed channel',
      'local c = channel.make(1) c:close() channel.select{{"<-|", c, 1}}',
      'send on closed channel',
    ],
    [
      'raises when a channel it sends on is closed',
      'local c = channel.make() go.spawn(function() goroutine.sleep(3) c:close() end) channel.select{{"<-|", c, 1}}',
      'send on closed channel',
    ],
  ]);

  it('chooses uniformly among ready cases', async () => {
    const source = `
      local cs, cases, counts = {}, {}, {0, 0, 0}
      for i = 1, 3 do cs[i] = channel.make(1) cs[i]:send(i) cases[i] = {"|<-", cs[i]} end
      for _ = 1, 3000 do local i = channel.select(cases)[1] counts[i] = counts[i] + 1 cs[i]:send(i) end
      return counts[1], counts[2], counts[3]`;
    for (const count of await valuesOf(source, {runtime: {seed: 7}})) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });

  it('delivers each value to exactly one of many selects that time out at the same moment', async () => {
    const source = `
      local a, b, got = channel.make(), channel.make(), channel.make(1000)
      local wg, sent = goroutine.wait_group(), goroutine.atomic_int()
      for w = 1, 4 do
        wg:go(function()
          for i = 1, 200 do
            local r = channel.select({{"|<-", a}, {"|<-", b}}, 0.0001 * (i % 3))
            if r then got:send(r[2]) end
          end
        end)
        wg:go(function()
          for i = 1, 200 do if (i % 2 == 0 and a or b):send(i, 0.0001 * (i % 3)) then sent:add(1) end end
        end)
      end
      wg:wait()
      return #got == sent:load()`;
    expect(await valuesOf(source)).toEqual([true]);
  });
});

describe.concurrent('goroutine.select', () => {
  itReturns([
    [
      'receives',
      'local c = channel.make(1) c:send("v") return goroutine.select{{channel = c, receive = true, handler = function(v, ok) return v, ok end}}',
      'v',
      true,
    ],
    [
      'returns the plain results of the handler',
      'local c = channel.make(1) c:send(1) return goroutine.select{{channel = c, receive = true, handler = function() return nil, 2 end}}',
      none,
      2,
    ],
    [
      'sends, and gives the handler nothing',
      'local c = channel.make(1) return goroutine.select{{channel = c, send = 5, handler = function(...) return select("#", ...) end}}, c:receive()',
      0,
      5,
      true,
    ],
    [
      'sends false',
      'local c = channel.make(1) goroutine.select{{channel = c, send = false}} return c:receive()',
      false,
      true,
    ],
    [
      'takes the default',
      'return goroutine.select{{channel = channel.make(), receive = true}, {default = true, handler = function(...) return "d", select("#", ...) end}}',
      'd',
      0,
    ],
    [
      'takes the function in the array part where no handler is named',
      'local c = channel.make(1) c:send(1) return goroutine.select{{channel = c, receive = true, function(v) return v + 1 end}}',
      2,
    ],
    [
      'returns value and ok of a receive without handler',
      'local c = channel.make(1) c:send(1) return goroutine.select{{channel = c, receive = true}}',
      1,
      true,
    ],
    [
      'returns nothing for a send without handler',
      'return select("#", goroutine.select{{channel = channel.make(1), send = 1}})',
      0,
    ],
    [
      'waits',
      'local c = channel.make() go.spawn(function() goroutine.sleep(3) c:send(1) end) return goroutine.select{{channel = c, receive = true}}',
      1,
      true,
    ],
    [
      'gives the handler of a closed channel nil, false',
      'local c = channel.make() c:close() return goroutine.select{{channel = c, receive = true, handler = function(v, ok) return v, ok end}}',
      none,
      false,
    ],
  ]);

  itRaises([
    [
      'refuses a send of nil, naming the case',
      'goroutine.select{{channel = channel.make(), receive = true}, {channel = channel.make(), send = nil}}',
      /select case 2: /,
    ],
    [
      'refuses both send and receive, naming the case',
      'goroutine.select{{channel = channel.make(), send = 1, receive = true}}',
      'select case 1: has both send and receive',
    ],
    [
      'refuses a missing channel',
      'goroutine.select{{receive = true}}',
      'select case 1: a channel was expected, got nil',
    ],
    ['refuses an empty list', 'goroutine.select{}', /no cases/],
    ['refuses two defaults', 'goroutine.select{{default = true}, {default = true}}', /select case 2: /],
    [
      'refuses a handler that is no function',
      'goroutine.select{{channel = channel.make(), receive = true, handler = "x"}}',
      'select case 1: the handler must be a function',
    ],
    ['refuses the other form', 'goroutine.select{{"|<-", channel.make()}}', /select case 1: /],
  ]);
});

describe.concurrent('goroutine.select_timeout', () => {
  itReturns([
    [
      'returns true, nil when the time is over',
      'local a, b = goroutine.select_timeout(5, {{channel = channel.make(), receive = true}}) return a, b',
      true,
      none,
    ],
    [
      'returns false and the index otherwise',
      'local c = channel.make(1) c:send(1) return goroutine.select_timeout(60000, {{channel = channel.make(), receive = true}, {channel = c, receive = true}})',
      false,
      2,
    ],
    [
      'runs the handler',
      'local c, got = channel.make(1) c:send(1) local a, b = goroutine.select_timeout(60000, {{channel = c, receive = true, handler = function(v) got = v end}}) return a, b, got',
      false,
      1,
      1,
    ],
    [
      'takes its time in a table',
      'return (goroutine.select_timeout({timeout = 5}, {{channel = channel.make(), receive = true}}))',
      true,
    ],
    ['with no cases waits out its time', 'return (goroutine.select_timeout(5, {}))', true],
  ]);

  itRaises([
    ['refuses a default', 'goroutine.select_timeout(5, {{default = true}})', /select case 1: .*default/],
    ['refuses a negative time', 'goroutine.select_timeout(-5, {})', /bad argument #1 to 'select_timeout'.*negative/],
    [
      'needs cases',
      'goroutine.select_timeout(5)',
      /bad argument #2 to 'select_timeout' \(table expected, got no value\)/,
    ],
  ]);
});

it('keeps the chosen case when its table is changed while it waits', async () => {
  const source = `
    local c, cases = channel.make()
    cases = {{"|<-", c, function(v) return v end}}
    goroutine.shared(function() cases[1] = nil c:send(5) end)
    return channel.select(cases)[1]`;
  expect(await valuesOf(source)).toEqual([5]);
});
