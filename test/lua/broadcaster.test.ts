import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript} from './script.js';

const none = undefined;

describe.concurrent('a broadcaster', () => {
  itReturns([
    [
      'gives every value to every subscriber, as copies',
      'local b = goroutine.broadcaster() local x, y = b:subscribe(), b:subscribe() local t = {1} local n = b:publish(t) local p, q = x:receive(), y:receive() p[1] = 2 return n, q[1], t[1]',
      2,
      1,
      1,
    ],
    ['without subscribers drops what is published', 'return goroutine.broadcaster():publish(1)', 0],
    [
      'gives a subscriber what is published afterwards only',
      'local b = goroutine.broadcaster() local x = b:subscribe() b:publish(1) local y = b:subscribe() b:publish(2) return x:len(), y:len(), (y:receive())',
      2,
      1,
      2,
    ],
    [
      'ends a subscription, of which what is there stays',
      'local b = goroutine.broadcaster() local x = b:subscribe() b:publish(1) local was, again = b:unsubscribe(x), b:unsubscribe(x) return was, again, b:publish(2), b:subscribers(), x:receive(), x:receive()',
      true,
      false,
      0,
      0,
      1,
      none,
      false,
    ],
    [
      'ends all subscriptions when it is closed',
      'local b = goroutine.broadcaster() local x = b:subscribe() b:publish(1) local first, second = b:close(), b:close() local v = x:receive() return first, second, v, select(2, x:receive()), select(2, b:subscribe():receive())',
      true,
      false,
      1,
      false,
      false,
    ],
    [
      'waits for a full subscriber',
      'local b = goroutine.broadcaster{buffer = 1} local x = b:subscribe() b:publish(1) local h = goroutine.async(function() return b:publish(2) end) goroutine.sleep(5) local status = h:status() local one = x:receive() local _, n = h:await() return status, one, n, (x:receive())',
      'waiting',
      1,
      1,
      2,
    ],
    [
      'stops waiting when the time is over',
      'local b = goroutine.broadcaster{buffer = 0} local x = b:subscribe() return b:publish(1, 5)',
      false,
      'timeout',
    ],
    [
      'stops waiting when the subscriber leaves',
      'local b = goroutine.broadcaster{buffer = 0} local x, y = b:subscribe(), b:subscribe() local h = goroutine.async(function() return b:publish(1) end) goroutine.sleep(5) b:unsubscribe(x) local got = y:receive() local _, n = h:await() return got, n',
      1,
      1,
    ],
    [
      'stops waiting when it is closed',
      'local b = goroutine.broadcaster{buffer = 0} b:subscribe() local h = goroutine.async(function() return b:publish(1) end) goroutine.sleep(5) b:close() return h:await()',
      true,
      0,
    ],
    [
      'lets go of a publisher that is cancelled',
      'local b = goroutine.broadcaster{buffer = 0} local x = b:subscribe() local h = goroutine.async(function() b:publish(1) end) goroutine.sleep(5) h:cancel() local _, _, kind = h:await() return kind, select(3, x:try_receive())',
      'cancelled',
      'empty',
    ],
    [
      'waits where Lua cannot yield',
      'local b = goroutine.broadcaster{buffer = 0} local x, y = b:subscribe(), b:subscribe() go(function() x:receive() y:receive() end) local s = string.gsub("a", "a", function() return tostring(b:publish(1)) end) return s',
      '2',
    ],
    [
      'drops the oldest',
      'local b = goroutine.broadcaster{buffer = 2, on_full = "drop_oldest"} local x = b:subscribe() for i = 1, 5 do b:publish(i) end return x:receive(), (select(1, x:receive()))',
      4,
      5,
    ],
    [
      'drops the newest, and says whom it reached',
      'local b = goroutine.broadcaster{buffer = 2, on_full = "drop_newest"} local x = b:subscribe() local n = 0 for i = 1, 5 do n = n + b:publish(i) end return n, x:receive(), (select(1, x:receive()))',
      2,
      1,
      2,
    ],
    [
      'works from every island, and loses and doubles nothing',
      `local b = goroutine.broadcaster{buffer = 3}
       local readers = {}
       for i = 1, 3 do
         local ch = b:subscribe()
         readers[i] = goroutine.parallel(function(ch) local n, s = 0, 0 for v in ch:range() do n = n + 1 s = s + v end return n, s end, ch)
       end
       local writers = {}
       for k = 1, 4 do writers[k] = goroutine.parallel(function(b, k) for i = 1, 50 do assert(b:publish(i) == 3) end end, b, k) end
       for _, r in ipairs(goroutine.await_all(writers)) do assert(r.success, r.error) end
       b:close()
       local n, s = 0, 0
       for _, r in ipairs(goroutine.await_all(readers)) do n = n + r.values[1] s = s + r.values[2] end
       return n, s`,
      600,
      15_300,
    ],
    [
      'can be sent over a channel and keeps its identity',
      'local b, ch = goroutine.broadcaster(), channel.make(1) ch:send(b) local c = ch:receive() return c == b, tostring(b):match("^broadcaster")',
      true,
      'broadcaster',
    ],
    [
      'gives channels that only receive',
      'local x = goroutine.broadcaster():subscribe() return (select(2, pcall(x.send, x, 1)))',
      'cannot send on receive-only channel',
    ],
  ]);

  it('whose subscriber nobody reads is a deadlock, not a hang', async () => {
    const {kind, message} = await runScript(
      'local b = goroutine.broadcaster{buffer = 0} local x = b:subscribe()\nb:publish(1)',
    );
    expect(kind).toBe('deadlock');
    expect(message).toContain('script:2');
  });

  itRaises([
    [
      'knows its options',
      'goroutine.broadcaster{bufer = 1}',
      /^script:1: bad argument #1 to 'broadcaster' \(there is no option 'bufer'; known: buffer and on_full\)/,
    ],
    [
      'knows what may happen when full',
      'goroutine.broadcaster{on_full = "drop"}',
      /option 'on_full': 'block', 'drop_oldest' or 'drop_newest' expected, got 'drop'/,
    ],
    [
      'needs a buffer to drop from',
      'goroutine.broadcaster{buffer = 0, on_full = "drop_oldest"}',
      /option 'buffer': integer of at least 1 expected, got 0/,
    ],
    [
      'needs a buffer that is a number',
      'goroutine.broadcaster{buffer = "2"}',
      /option 'buffer': integer of at least 0 expected, got string/,
    ],
    ['needs options in a table', 'goroutine.broadcaster(3)', /#1 to 'broadcaster' \(table expected, got 3\)/],
    [
      'publishes no nil',
      'goroutine.broadcaster():publish(nil)',
      /^script:1: cannot publish nil: it would end a range loop/,
    ],
    [
      'publishes what can be copied',
      'goroutine.broadcaster():publish({co = coroutine.create(print)})',
      /cannot publish field 'co': a coroutine cannot leave its island/,
    ],
    [
      'publishes while it is open',
      'local b = goroutine.broadcaster() b:close() b:publish(1)',
      /^script:1: publish on closed broadcaster/,
    ],
    [
      'unsubscribes channels',
      'goroutine.broadcaster():unsubscribe(3)',
      /bad argument #1 to 'unsubscribe' \(channel expected, got number\)|bad argument #2/,
    ],
    [
      'has methods for broadcasters',
      'local b = goroutine.broadcaster() b.publish(channel.make(), 1)',
      /broadcaster expected, got channel/,
    ],
  ]);
});
