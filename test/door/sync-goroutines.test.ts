import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {Channel, Lua, Runtime, type UnhandledError} from '../../lib/index.js';

let runtime: Runtime;
let lua: Lua;
const unhandled: UnhandledError[] = [];
beforeEach(() => {
  unhandled.length = 0;
  runtime = new Runtime({workers: 2, onUnhandledError: (error) => unhandled.push(error)});
  lua = new Lua({runtime});
});
afterEach(async () => {
  lua.close();
  await runtime.close();
});

describe('a goroutine started from the synchronous engine', () => {
  it('runs in parallel and sends its results', async () => {
    const channel = runtime.channel<number>(4);
    lua.eval('local out = ... go.spawn(function(n) for i = 1, n do out:send(i * i) end out:close() end, 3)', {
      args: [channel],
    });
    const got: number[] = [];
    for await (const square of channel) got.push(square);
    expect(got).toEqual([1, 4, 9]);
  });

  it('may call functions of JavaScript', async () => {
    const called = new Promise((resolve) => lua.set('tell', resolve));
    lua.eval('go.spawn(function() tell("from a goroutine") end)');
    expect(await called).toBe('from a goroutine');
  });

  it('that must stay home raises with the reason', () => {
    expect(() => lua.eval('local n = 0 go.spawn(function() n = n + 1 end)', {chunkName: '@home.lua'})).toThrow(
      /cannot run in parallel: .*'n'.*home\.lua:1/,
    );
    expect(() => lua.eval('goroutine.shared(function() end)')).toThrow(/would run on the JavaScript thread/);
  });

  it('is not stopped by the time limit of a later call', async () => {
    const gate = runtime.channel<string>();
    const done = runtime.channel<string>(1);
    lua.eval('local gate, done = ... go.spawn(function() done:send("got " .. gate:receive()) end)', {
      args: [gate, done],
    });
    expect(() => lua.eval('while true do end', {timeoutMs: 20})).toThrow(expect.objectContaining({code: 'E_TIMEOUT'}));
    await gate.send('it');
    expect(await done.receive()).toBe('got it');
  });

  it('is stopped with the call that started it', async () => {
    const done = runtime.channel<string>(1);
    const source = `
      local done = ...
      go.spawn(function()
        local guard <close> = setmetatable({}, {__close = function() done:send("stopped") end})
        while true do goroutine.sleep(1) end
      end)
      while true do end`;
    expect(() => lua.eval(source, {args: [done], timeoutMs: 50})).toThrow(expect.objectContaining({code: 'E_TIMEOUT'}));
    expect(await done.receive()).toBe('stopped');
  });

  it('that fails is reported', async () => {
    const done = runtime.channel();
    lua.eval('local done = ... go.spawn(function() defer(function() done:close() end) error("broken") end)', {
      args: [done],
    });
    await done.receive();
    while (lua.stats().goroutines > 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(unhandled.map(({message}) => message)).toEqual([expect.stringContaining('broken')]);
  });

  it('ends with the engine', async () => {
    const done = runtime.channel<string>(2);
    const source =
      'local done = ... go.spawn(function() defer(function() done:send("ended") end) done:send("began") goroutine.sleep(1e6) end)';
    lua.eval(source, {args: [done]});
    expect(await done.receive()).toBe('began');
    expect(lua.stats().goroutines).toBe(1);
    lua.close();
    expect(await done.receive()).toBe('ended');
  });
});

describe('on the JavaScript thread', () => {
  it.each([
    ['channel.make():receive()', /channel receive would block the JavaScript thread/],
    ['channel.make():send(1)', /channel send would block the JavaScript thread/],
    ['channel.make():receive(1)', /would block the JavaScript thread/],
    ['channel.select({{"|<-", channel.make(), print}})', /would block the JavaScript thread/],
    ['goroutine.sleep(1)', /would block the JavaScript thread/],
    ['local wg = goroutine.wait_group() wg:add(1) wg:wait()', /would block the JavaScript thread/],
    ['goroutine.timeout(1000, function() end)', /would block the JavaScript thread/],
    ['goroutine.async(function() goroutine.sleep(1e6) end):await()', /would block the JavaScript thread/],
    ['os.execute("true")', /os\.execute would block the JavaScript thread/],
    ['goroutine.semaphore(1):acquire(1) goroutine.cond():wait()', /would block the JavaScript thread/],
    ['goroutine.barrier(2):wait()', /would block the JavaScript thread/],
    ['goroutine.latch(1):wait()', /would block the JavaScript thread/],
    ['coroutine.wrap(function() channel.make():receive() end)()', /would block the JavaScript thread/],
    ['table.sort({2, 1}, function() channel.make():receive() end)', /would block the JavaScript thread/],
  ])('%s raises', (source, message) => {
    expect(() => lua.eval(source)).toThrow(message);
    expect(lua.eval(`return pcall(function() ${source} end)`)[0]).toBe(false);
    expect(lua.eval('return "alive"')).toEqual(['alive']);
  });

  it('what need not wait is done', () => {
    const source = `
      local ch = channel.make(2)
      ch:send("a")
      local mu = goroutine.mutex()
      mu:lock() mu:unlock()
      local wg = goroutine.wait_group()
      wg:wait()
      goroutine.yield()
      goroutine.sleep(0)
      local never = channel.select({{"|<-", channel.make()}, {"default"}})
      return ch:receive(), ch:try_receive(), never.n, goroutine.atomic_int(1):add(2)`;
    expect(lua.eval(source)).toEqual(['a', undefined, 1, 3]);
  });

  it('a wait that was given up takes nothing', async () => {
    const channel = runtime.channel<string>();
    expect(() => lua.eval('(...):receive()', {args: [channel]})).toThrow(/would block/);
    const sent = channel.send('kept');
    expect(await runtime.run('return (...):receive()', {args: [channel]})).toEqual(['kept', true]);
    await sent;
  });

  it('channels arrive as channels', () => {
    expect(lua.eval('return channel.make(3)')[0]).toBeInstanceOf(Channel);
  });
});

it('gives scripts what the sandbox says', () => {
  const safe = new Lua({sandbox: 'safe', resolveModule: (name) => (name === 'greet' ? 'return "hello"' : undefined)});
  expect(safe.eval('return io, os.execute, (require("greet"))')).toEqual([undefined, undefined, 'hello']);
  expect(() => safe.eval('require("nothing")')).toThrow(/not found/);
  safe.close();
});

it('hands its output over at once', () => {
  const texts: unknown[] = [];
  const quiet = new Lua({stdout: (text) => texts.push(text)});
  quiet.eval('print("one") io.write("two")');
  expect(texts).toEqual(['one\n', 'two']);
  quiet.eval('local line = ("x"):rep(1000) for _ = 1, 3000 do print(line) end');
  expect(texts).toHaveLength(3002);
  quiet.close();
});

it('cannot be lent a runtime whose time is virtual', async () => {
  const virtual = new Runtime({clock: 'virtual'});
  expect(() => new Lua({runtime: virtual})).toThrow(/clock: 'virtual' cannot be lent/);
  await virtual.close();
});
