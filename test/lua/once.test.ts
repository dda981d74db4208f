import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript} from './script.js';

const none = undefined;

describe.concurrent('a once', () => {
  itReturns([
    [
      'calls the first function only, and everybody gets its results',
      'local o, n = goroutine.once(), 0 local function f(...) n = n + 1 return "r", ... end local a, b, c = o:call(f, 1, nil) return a, b, c, n, o:call(error)',
      'r',
      1,
      none,
      1,
      'r',
      1,
      none,
    ],
    ['may return nothing', 'local o = goroutine.once() return select("#", o:call(function() end)), o:call(error)', 0],
    [
      'lets the others wait for the first',
      'local o, n = goroutine.once(), 0 local list = {} for i = 1, 5 do list[i] = goroutine.shared(function() return o:call(function() n = n + 1 goroutine.sleep(5) return i end) end) end local t = {} for i = 1, 5 do t[i] = select(2, list[i]:await()) end return n, table.concat(t)',
      1,
      '11111',
    ],
    [
      'gives everybody a copy of their own',
      'local o = goroutine.once() local a, b = o:call(function() return {1} end), o:call(print) a[1] = 2 return a == b, b[1], o:call(print)[1]',
      false,
      1,
      1,
    ],
    [
      'keeps its error for everybody',
      'local o = goroutine.once() local f = function() error("broken", 0) end local _, a = pcall(o.call, o, f) local _, b = pcall(o.call, o, function() return 1 end) return a, b',
      'broken',
      'broken',
    ],
    [
      'keeps an error that is a table',
      'local o = goroutine.once() local _, a = pcall(o.call, o, error, {code = 7}) local _, b = pcall(o.call, o, print) return a.code, b.code',
      7,
      7,
    ],
    [
      'keeps the text of an error that cannot be copied',
      'local o = goroutine.once() local co = coroutine.create(print) local _, a = pcall(o.call, o, error, co) local _, b = pcall(o.call, o, print) return a == co, type(b)',
      true,
      'string',
    ],
    [
      'raises the error in those who waited',
      'local o = goroutine.once() goroutine.shared(pcall, o.call, o, function() goroutine.sleep(5) error("late", 0) end) goroutine.sleep(0) return pcall(o.call, o, print)',
      false,
      'late',
    ],
    [
      'is unspent when its function is cancelled: who waits calls its own',
      'local o = goroutine.once() local h = goroutine.shared(function() o:call(function() goroutine.sleep(9000) end) end) goroutine.sleep(0) local next = goroutine.shared(function() return o:call(function() return "second" end) end) goroutine.sleep(2) h:cancel() local _, a = next:await() return a, o:call(error)',
      'second',
      'second',
    ],
    [
      'is unspent when its function is cancelled: who comes later calls its own',
      'local o = goroutine.once() goroutine.timeout(5, function() o:call(function() goroutine.sleep(9000) end) end) return o:call(function() return "later" end)',
      'later',
    ],
    [
      'is unspent when its function is cancelled where it computes',
      'local o = goroutine.once() local ok, why = goroutine.timeout(20, function() o:call(function() while true do end end) end) return ok, why, o:call(function() return "later" end)',
      false,
      'timeout exceeded',
      'later',
    ],
    [
      'is unspent when the coroutine around it is closed',
      'local o = goroutine.once() local co = coroutine.create(function() o:call(coroutine.yield) end) coroutine.resume(co) coroutine.close(co) return o:call(function() return "again" end)',
      'again',
    ],
    [
      'is unspent when the goroutine ends that left it in a coroutine',
      'local o = goroutine.once() goroutine.shared(function() coroutine.resume(coroutine.create(function() o:call(coroutine.yield) end)) end):await() return o:call(function() return "again" end)',
      'again',
    ],
    [
      'goes on in a coroutine that another goroutine resumes',
      'local o = goroutine.once() local co = coroutine.create(function() return o:call(function() return coroutine.yield() end) end) goroutine.shared(function() coroutine.resume(co) channel.make():receive(0.02) end) goroutine.sleep(5) local _, r = coroutine.resume(co, "resumed") return r, o:call(error)',
      'resumed',
      'resumed',
    ],
    [
      'cannot be called inside itself',
      'local o = goroutine.once() local ok, e = o:call(function() return pcall(o.call, o, print) end) return ok, e',
      false,
      'deadlock: once:call inside the function that this goroutine calls for the same once',
    ],
    [
      'stops waiting when it is cancelled',
      'local o = goroutine.once() local first = goroutine.shared(function() return o:call(function() goroutine.sleep(30) return 1 end) end) goroutine.sleep(0) local h = goroutine.shared(function() o:call(print) end) goroutine.sleep(0) h:cancel() local _, _, kind = h:await() return kind, first:status(), first:await()',
      'cancelled',
      'waiting',
      true,
      1,
    ],
    [
      'is waited for where Lua cannot yield',
      'local o = goroutine.once() goroutine.shared(function() o:call(function() goroutine.sleep(10) return "v" end) end) goroutine.sleep(0) return (("x"):gsub("x", function() return o:call(error) end))',
      'v',
    ],
    [
      'calls its function where it can wait, in pcall and in a coroutine',
      'local o = goroutine.once() return coroutine.wrap(function() return pcall(o.call, o, function() goroutine.sleep(1) return "v" end) end)()',
      true,
      'v',
    ],
    [
      'is unspent when its function is cancelled on another island',
      'local o, ch = goroutine.once(), channel.make() local h = goroutine.parallel(function() o:call(function() ch:send(1) goroutine.sleep(9000) end) end) ch:receive() go.spawn(function() goroutine.sleep(2) h:cancel() end) return o:call(function() return "here" end)',
      'here',
    ],
    [
      'is one for all islands',
      `local o, calls, list = goroutine.once(), goroutine.atomic_int(), {}
      for i = 1, 4 do
        list[i] = goroutine.parallel(function() return o:call(function() calls:add(1) goroutine.sleep(5) return {n = 7} end).n end)
      end
      local sum = 0
      for i = 1, 4 do sum = sum + select(2, list[i]:await()) end
      return calls:load(), sum`,
      1,
      28,
    ],
  ]);

  itRaises([
    [
      'calls functions only, also when it is spent',
      'local o = goroutine.once() o:call(function() end) o:call(3)',
      /bad argument #1 to 'call' \(function expected, got number\)/,
    ],
    ['is told from other handles', 'goroutine.once().call(goroutine.cond(), print)', /once expected, got cond/],
    [
      'shows message handlers where its error was raised',
      'local o = goroutine.once() local _, e = xpcall(o.call, debug.traceback, o, function() error("here") end) error(e, 0)',
      /^script:1: here\nstack traceback:\n\t\[C\]: in function 'error'\n\tscript:1: in function <script:1>/,
    ],
  ]);

  it('keeps that its results cannot be copied', async () => {
    const source = `local o = goroutine.once()
      local _, a = pcall(o.call, o, function() return 1, io.stdout end)
      local _, b = pcall(o.call, o, print) return a, b`;
    const {kind, values = []} = await runScript(source);
    expect(kind).toBe('succeeded');
    expect(values[0]).toMatch(/^once: cannot return value 2: /);
    expect(values[1]).toBe(values[0]);
  });
});
