import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('a channel', () => {
  itReturns([
    [
      'hands a value from a sender to a receiver',
      'local c = channel.make() go.spawn(function() c:send("x") end) return c:receive()',
      'x',
      true,
    ],
    [
      'made by goroutine.channel is the same thing',
      'local c = goroutine.channel(1) c:send(7) return c:receive()',
      7,
      true,
    ],
    ['answers send with true', 'local c = channel.make(1) return c:send(1)', true],
    [
      'keeps the order of one sender',
      'local c = channel.make(3) for i = 1, 3 do c:send(i) end return c:receive(), (c:receive()), (c:receive())',
      1,
      2,
      3,
    ],
    ['carries false', 'local c = channel.make(1) c:send(false) return c:receive()', false, true],
    ['reports its capacity', 'return channel.make():cap(), channel.make(5):cap()', 0, 5],
    ['reports its length in two ways', 'local c = channel.make(5) c:send(1) c:send(2) return c:len(), #c', 2, 2],
    [
      'tells whether it is closed',
      'local c = channel.make() local before = c:is_closed() c:close() return before, c:is_closed()',
      false,
      true,
    ],
    [
      'copies tables on one island too',
      'local c = channel.make(1) local t = {1} c:send(t) t[1] = 2 return (c:receive())[1]',
      1,
    ],
    [
      'keeps the identity of a channel sent over a channel',
      'local c, d = channel.make(1), channel.make(1) c:send(d) return c:receive() == d, d == d',
      true,
      true,
    ],
    [
      'is found as a global and through require',
      'return require("channel") == channel, require "goroutine" == goroutine, require "go" == go',
      true,
      true,
      true,
    ],
    ['may have a capacity of a million without using memory for it', 'return channel.make(1000000):len()', 0],
    ['prints as one', 'return tostring(channel.make()):match("^channel: ") ~= nil', true],
    ['is a table key', 'local c, t = channel.make(1), {} t[c] = 1 c:send(c) return t[c:receive()]', 1],
    ['has a closed metatable', 'return getmetatable(channel.make())', false],
  ]);
});

describe.concurrent('closing a channel', () => {
  itReturns([
    ['answers true', 'return channel.make():close()', true],
    ['keeps buffered values receivable', 'local c = channel.make(1) c:send(1) c:close() return c:receive()', 1, true],
    [
      'ends receiving once it is drained',
      'local c = channel.make(1) c:send(1) c:close() c:receive() return c:receive()',
      none,
      false,
    ],
    [
      'wakes blocked receivers with nil, false',
      'local c = channel.make() local h = goroutine.async(function() return c:receive() end) goroutine.sleep(5) c:close() return h:await()',
      true,
      none,
      false,
    ],
    [
      'makes blocked senders raise',
      'local c = channel.make() local h = goroutine.async(function() return pcall(c.send, c, 1) end) goroutine.sleep(5) c:close() local _, ok, e = h:await() return ok, e',
      false,
      'send on closed channel',
    ],
    [
      'raises when it is closed already',
      'local c = channel.make() c:close() return pcall(c.close, c)',
      false,
      'close of closed channel',
    ],
    [
      'raises for a later send',
      'local c = channel.make(1) c:close() return pcall(c.send, c, 1)',
      false,
      'send on closed channel',
    ],
    [
      'raises for a later try_send',
      'local c = channel.make(1) c:close() return pcall(c.try_send, c, 1)',
      false,
      'send on closed channel',
    ],
    [
      'is told by try_receive',
      'local c = channel.make(1) c:send(1) c:close() c:try_receive() return c:try_receive()',
      none,
      false,
      'closed',
    ],
    ['stays told by len and cap', 'local c = channel.make(3) c:send(1) c:close() return #c, c:cap()', 1, 3],
  ]);
});

describe.concurrent('a timeout', () => {
  itReturns([
    ['ends a receive', 'return channel.make():receive(0.01)', none, false, 'timeout'],
    ['ends a send', 'return channel.make():send(1, 0.01)', false, 'timeout'],
    ['of zero receives what is there', 'local c = channel.make(1) c:send(1) return c:receive(0)', 1, true],
    ['of zero ends a receive at once', 'return channel.make():receive(0)', none, false, 'timeout'],
    ['of zero ends a send at once', 'return channel.make():send(1, 0)', false, 'timeout'],
    ['of zero sends when there is room', 'return channel.make(1):send(1, 0)', true],
    [
      'of math.huge is none',
      'local c = channel.make() go.spawn(function() goroutine.sleep(5) c:send(1) end) return c:receive(math.huge)',
      1,
      true,
    ],
    [
      'of nil is none',
      'local c = channel.make() go.spawn(function() goroutine.sleep(5) c:send(1) end) return c:receive(nil)',
      1,
      true,
    ],
    ['in a table is one', 'return channel.make():receive({timeout = 0.01})', none, false, 'timeout'],
    ['in a table ends a send', 'return channel.make():send(1, {timeout = 0.01})', false, 'timeout'],
    ['that a table leaves out is none', 'local c = channel.make(1) c:send(1) return c:receive({})', 1, true],
    [
      'of a send that timed out takes nothing from the next receiver',
      'local c = channel.make() c:send(1, 0.01) return c:receive(0.01)',
      none,
      false,
      'timeout',
    ],
    [
      'of a receive that timed out takes nothing from the next sender',
      'local c = channel.make() c:receive(0.01) return c:send(1, 0.01)',
      false,
      'timeout',
    ],
    [
      'is not over while values come',
      'local c = channel.make() go.spawn(function() c:send(1) end) return c:receive(60)',
      1,
      true,
    ],
  ]);

  itRaises([
    ['must not be negative', 'channel.make():receive(-1)', /bad argument #1 to 'receive'.*negative/],
    ['must not be NaN', 'channel.make():receive(0/0)', /bad argument #1 to 'receive'.*NaN/],
    ['of a send must not be negative', 'channel.make():send(1, -0.5)', /bad argument #2 to 'send'.*negative/],
    [
      'must not be a string',
      'channel.make():receive("soon")',
      /bad argument #1 to 'receive' \(number expected, got string\)/,
    ],
    [
      'in a table must not be negative',
      'channel.make():receive({timeout = -1})',
      /bad argument #1 to 'receive' \(a duration cannot be negative\)/,
    ],
    [
      'in a table must be a number',
      'channel.make():receive({timeout = true})',
      /bad argument #1 to 'receive'.*timeout.*number expected, got boolean/,
    ],
    ['table has no other fields', 'channel.make():receive({timeuot = 1})', /bad argument #1 to 'receive'.*timeuot/],
  ]);
});

describe.concurrent('a try form', () => {
  itReturns([
    ['receives what is there', 'local c = channel.make(1) c:send("v") return c:try_receive()', 'v', true],
    ['tells that there is nothing', 'return channel.make():try_receive()', none, false, 'empty'],
    ['sends where there is room', 'local c = channel.make(1) return c:try_send(1), c:try_send(2)', true, false],
    [
      'sends to a waiting receiver',
      'local c = channel.make() local h = goroutine.async(function() return c:receive() end) goroutine.sleep(5) local sent = c:try_send(4) return sent, h:await()',
      true,
      true,
      4,
      true,
    ],
    [
      'receives from a waiting sender',
      'local c = channel.make() go.spawn(function() c:send(5) end) goroutine.sleep(5) return c:try_receive()',
      5,
      true,
    ],
  ]);
});

describe.concurrent('ranging over a channel', () => {
  const filled = 'local c = channel.make(9) for i = 1, 3 do c:send(i) end ';
  itReturns([
    [
      'gives every value until it is closed and drained',
      `${filled} c:close() local s = 0 for v in c:range() do s = s * 10 + v end return s`,
      123,
    ],
    [
      'works through the module',
      `${filled} c:close() local s = 0 for v in channel.range(c) do s = s * 10 + v end return s`,
      123,
    ],
    [
      'waits for values',
      'local c = channel.make() go.spawn(function() for i = 1, 3 do goroutine.sleep(1) c:send(i) end c:close() end) local s = 0 for v in c:range() do s = s * 10 + v end return s',
      123,
    ],
    [
      'does not end at false',
      'local c = channel.make(3) c:send(false) c:send(1) c:close() local n = 0 c:range(function() n = n + 1 end) return n',
      2,
    ],
    [
      'calls a function for each value',
      `${filled} c:close() local s = 0 c:range(function(v) s = s * 10 + v end) return s`,
      123,
    ],
    [
      'calls a function that waits',
      `${filled} c:close() local s = 0 c:range(function(v) goroutine.sleep(1) s = s * 10 + v end) return s`,
      123,
    ],
    [
      'neither closes nor drains when it is left',
      `${filled} for v in c:range() do if v == 2 then break end end return c:is_closed(), #c`,
      false,
      1,
    ],
    [
      'hands on the error of the function',
      `${filled} return pcall(function() c:range(function(v) error("at " .. v, 0) end) end)`,
      false,
      'at 1',
    ],
  ]);
});

describe.concurrent('a view of a channel', () => {
  itReturns([
    ['for sending sends', 'local c = channel.make(1) c:as_sender():send(1) return c:receive()', 1, true],
    ['for receiving receives', 'local c = channel.make(1) c:send(1) return c:as_receiver():receive()', 1, true],
    [
      'keeps the length and the capacity readable',
      'local c = channel.make(2) c:send(1) return #c:as_sender(), c:as_receiver():cap(), c:as_sender():is_closed()',
      1,
      2,
      false,
    ],
    [
      'is a channel of its own direction when it is made',
      'local s, r = goroutine.channel(1, "send"), goroutine.channel(1, "receive") return pcall(s.receive, s), (pcall(r.send, r, 1))',
      false,
      false,
    ],
    [
      'may be named bidirectional',
      'local c = goroutine.channel(1, "bidirectional") c:send(1) return c:receive()',
      1,
      true,
    ],
    [
      'equals the channel',
      'local c = channel.make() return c:as_sender() == c, c:as_sender() == c:as_sender()',
      true,
      true,
    ],
    [
      'keeps its direction over a channel',
      'local c, d = channel.make(1), channel.make() c:send(d:as_sender()) local got = c:receive() return pcall(got.receive, got)',
      false,
      'cannot receive on send-only channel',
    ],
    [
      'closes the channel when it may send',
      'local c = channel.make() c:as_sender():close() return c:is_closed()',
      true,
    ],
  ]);

  itRaises([
    ['for receiving does not send', 'channel.make(1):as_receiver():send(1)', 'cannot send on receive-only channel'],
    [
      'for receiving does not try to send',
      'channel.make(1):as_receiver():try_send(1)',
      'cannot send on receive-only channel',
    ],
    ['for sending does not receive', 'channel.make(1):as_sender():receive()', 'cannot receive on send-only channel'],
    ['for sending does not range', 'channel.make(1):as_sender():range()', 'cannot receive on send-only channel'],
    [
      'for sending does not try to receive',
      'channel.make(1):as_sender():try_receive()',
      'cannot receive on send-only channel',
    ],
    [
      'for sending does not become one for receiving',
      'channel.make(1):as_sender():as_receiver()',
      'cannot receive on send-only channel',
    ],
    [
      'for receiving does not become one for sending',
      'channel.make(1):as_receiver():as_sender()',
      'cannot send on receive-only channel',
    ],
    ['for receiving does not close', 'channel.make(1):as_receiver():close()', /receive-only channel/],
    [
      'of another direction is refused',
      'goroutine.channel(1, "up")',
      /bad argument #2 to 'channel' \('bidirectional', 'send' or 'receive' expected, got 'up'\)/,
    ],
  ]);
});

describe.concurrent('the functions of the module', () => {
  itReturns([
    [
      'send and receive',
      'local c = goroutine.channel(1) return goroutine.channel_send(c, 1), goroutine.channel_receive(c)',
      true,
      1,
      true,
    ],
    [
      'return false and the reason for a send on a closed channel',
      'local c = goroutine.channel(1) c:close() return goroutine.channel_send(c, 1)',
      false,
      'send on closed channel',
    ],
    [
      'return false when the channel is closed while they send',
      'local c = goroutine.channel() local h = goroutine.async(function() return goroutine.channel_send(c, 1) end) goroutine.sleep(5) c:close() return h:await()',
      true,
      false,
      'send on closed channel',
    ],
    ['close once', 'local c = goroutine.channel() return goroutine.channel_close(c)', true],
    [
      'return false and the reason for a second close',
      'local c = goroutine.channel() c:close() return goroutine.channel_close(c)',
      false,
      'close of closed channel',
    ],
    [
      'tell length and capacity',
      'local c = goroutine.channel(3) c:send(1) return goroutine.channel_len(c), goroutine.channel_cap(c)',
      1,
      3,
    ],
    [
      'take timeouts in seconds',
      'local c = goroutine.channel() local t = goroutine.now() local v, ok, why = goroutine.channel_receive(c, 0.01) return ok, why, goroutine.now() - t < 5000',
      false,
      'timeout',
      true,
    ],
  ]);
});

describe.concurrent('misuse of a channel raises', () => {
  itRaises([
    ['for a nil', 'channel.make(1):send(nil)', 'cannot send nil: it would end a range loop'],
    ['for no value', 'channel.make(1):send()', 'cannot send nil: it would end a range loop'],
    ['for a nil that is tried', 'channel.make(1):try_send(nil)', 'cannot send nil: it would end a range loop'],
    ['for a negative capacity', 'channel.make(-1)', /^script:1: bad argument #1 to 'make' .*negative/],
    [
      'for a fraction as capacity',
      'channel.make(1.5)',
      /bad argument #1 to 'make' \(number has no integer representation\)/,
    ],
    ['for NaN as capacity', 'channel.make(0/0)', /bad argument #1 to 'make'/],
    ['for an infinite capacity', 'channel.make(math.huge)', /bad argument #1 to 'make'/],
    ['for a huge capacity', 'channel.make(math.maxinteger)', /bad argument #1 to 'make'.*2\^30/],
    ['for nil as capacity', 'channel.make(nil)', /bad argument #1 to 'make' \(number expected, got nil\)/],
    [
      'for nil as capacity of goroutine.channel',
      'goroutine.channel(nil)',
      /bad argument #1 to 'channel' \(number expected, got nil\)/,
    ],
    ['for a table as capacity', 'channel.make({})', /bad argument #1 to 'make' \(number expected, got table\)/],
    [
      'for another receiver of a method',
      'channel.make().send({}, 1)',
      /bad argument #1 to 'send' \(channel expected, got table\)/,
    ],
    [
      'for no receiver of a method',
      'channel.make().receive()',
      /bad argument #1 to 'receive' \(channel expected, got no value\)/,
    ],
    [
      'for the wrong kind of handle',
      'channel.make().receive(goroutine.mutex())',
      /bad argument #1 to 'receive' \(channel expected, got mutex\)/,
    ],
    ['for a range over no channel', 'channel.range(3)', /bad argument #1 to 'range' \(channel expected, got number\)/],
    ['for a range that calls no function', 'channel.make():range(3)', /function expected, got number/],
    ['for a method that is not there', 'channel.make():recieve()', /attempt to call a nil value \(method 'recieve'\)/],
    ['for an assignment', 'channel.make().x = 1', /attempt to index a channel value/],
    [
      'for a coroutine in a table, naming the path',
      'channel.make(1):send({conn = {socket = coroutine.create(print)}})',
      "cannot send field 'conn.socket': a coroutine cannot leave its island",
    ],
    [
      'for a coroutine',
      'channel.make(1):send(coroutine.create(print))',
      'cannot send: a coroutine cannot leave its island',
    ],
    ['for a file', 'channel.make(1):send({io.stdout})', /cannot send field '\[1\]'|cannot send field '1'/],
    [
      'for a table with a finalizer',
      'channel.make(1):send(setmetatable({}, {__gc = print}))',
      /cannot send: a table with a/,
    ],
    [
      'for a weak table',
      'channel.make(1):send(setmetatable({}, {__mode = "k"}))',
      /cannot send: a (weak table|table with)/,
    ],
    ['for an uncopyable value that is tried', 'channel.make(1):try_send(coroutine.create(print))', /cannot send/],
  ]);
});

describe.concurrent('values over a channel', () => {
  const through = (value: string, check: string) =>
    `local c = channel.make(1) c:send(${value}) local v = c:receive() return ${check}`;
  itReturns([
    ['keep integers and floats apart', through('{1, 1.0}', 'math.type(v[1]), math.type(v[2])'), 'integer', 'float'],
    [
      'keep NaN, infinities and minus zero',
      through('{0/0, 1/0, -0.0}', 'v[1] ~= v[1], v[2] == math.huge, 1 / v[3] == -math.huge'),
      true,
      true,
      true,
    ],
    ['keep strings with zeros', through('"a\\0b"', '#v, v == "a\\0b"'), 3, true],
    ['keep long strings', through('("x"):rep(1000000)', '#v'), 1_000_000],
    [
      'keep cycles and aliases',
      'local c = channel.make(1) local t = {} t.self = t t.a = {} t.b = t.a c:send(t) local v = c:receive() return v.self == v, v.a == v.b, v ~= t',
      true,
      true,
      true,
    ],
    ['keep metatables', through('setmetatable({}, {__index = {x = 3}})', 'v.x'), 3],
    [
      'keep functions with their upvalues',
      'local n = 4 local c = channel.make(1) c:send(function() n = n + 1 return n end) local f = c:receive() return f(), f(), n',
      5,
      6,
      4,
    ],
    [
      'keep library functions',
      through('{math.sin, string.rep, require}', 'v[1] == math.sin, v[2] == string.rep, v[3] == require'),
      true,
      true,
      true,
    ],
    [
      'may be a list a hundred thousand links long',
      'local c = channel.make(1) local t for i = 1, 100000 do t = {next = t} end c:send(t) local v, n = c:receive(), 0 while v do n = n + 1 v = v.next end return n',
      100_000,
    ],
    [
      'may be handles of every kind',
      'local c = channel.make(1) local h = go.spawn(function() end) c:send({goroutine.wait_group(), goroutine.mutex(), goroutine.atomic_int(3), h}) local v = c:receive() return v[3]:load(), v[4] == h',
      3,
      true,
    ],
  ]);
});

describe('many goroutines on one channel', () => {
  it('receive each value exactly once', async () => {
    const source = `
      local c, sums = channel.make(3), channel.make(8)
      for r = 1, 4 do
        goroutine.parallel(function() local n, s = 0, 0 for v in c:range() do n = n + 1 s = s + v end sums:send({n, s}) end)
      end
      local wg = goroutine.wait_group()
      for w = 1, 4 do
        wg:go(function(first) for i = 1, 2500 do c:send(first + i) end end, (w - 1) * 2500)
      end
      wg:wait() c:close()
      local n, s = 0, 0
      for r = 1, 4 do local part = sums:receive() n = n + part[1] s = s + part[2] end
      return n, s`;
    expect(await valuesOf(source)).toEqual([10_000, 50_005_000]);
  });
});
