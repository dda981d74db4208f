import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {Runtime} from '../../lib/runtime.js';
import {itRaises, itReturns, nothingAlive, runScript, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('a chunk', () => {
  it('that does not parse is a syntax error with chunk and line', async () => {
    const {kind, message, values} = await runScript('x = 1\ny = = 2');
    expect({kind, message, values}).toEqual({
      kind: 'syntax',
      message: "script:2: unexpected symbol near '='",
      values: [],
    });
  });

  it('that is empty returns nothing', async () => {
    expect(await valuesOf('')).toEqual([]);
  });

  it('that is a comment returns nothing', async () => {
    expect(await valuesOf('-- nothing')).toEqual([]);
  });

  it('with a NUL byte outside of strings is a syntax error', async () => {
    expect(await runScript('x = 1 \0 y = 2')).toMatchObject({
      kind: 'syntax',
      message: expect.stringMatching(/unexpected symbol/),
    });
  });

  it('with a NUL byte in a string keeps it', async () => {
    expect(await valuesOf('return #"a\0b"')).toEqual([3]);
  });

  it('of bytecode is refused', async () => {
    const bytecode = Buffer.from('\x1bLua\x54\0\x19\x93\r\n\x1a\n', 'latin1');
    expect(await runScript(bytecode.toString('latin1'))).toMatchObject({
      kind: 'syntax',
      message: expect.stringMatching(/bytecode is not loaded/),
    });
  });

  it('with bytes that are no UTF-8 runs', async () => {
    const runtime = new Runtime({workers: 1});
    expect(
      await runtime.run(Buffer.concat([Buffer.from('return #"'), Buffer.from([0xff, 0xfe]), Buffer.from('"')])),
    ).toEqual([2]);
    await runtime.close();
  });

  it('of a megabyte runs', async () => {
    expect(await valuesOf(`local t = {${'1,'.repeat(500_000)}} return #t`)).toEqual([500_000]);
  });

  it('with too many locals, upvalues or levels is a syntax error', async () => {
    expect(await runScript(Array.from({length: 201}, (_, i) => `local a${i}`).join('\n'))).toMatchObject({
      kind: 'syntax',
      message: expect.stringMatching(/too many local variables/),
    });
    expect(await runScript(`return ${'('.repeat(10_000)}1${')'.repeat(10_000)}`)).toMatchObject({
      kind: 'syntax',
      message: expect.stringMatching(/overflow/),
    });
  });

  it('gets its arguments', async () => {
    expect(await valuesOf('return select("#", ...), ...', {args: [1, 'x', null, true]})).toEqual([
      4,
      1,
      'x',
      none,
      true,
    ]);
  });
});

describe.concurrent('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sloth-input-'));
  afterAll(() => rmSync(folder, {recursive: true, force: true}));
  async function runFile(name: string, content?: string | Uint8Array) {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    await using runtime = new Runtime({workers: 1});
    return await runtime.runFile(path);
  }

  it('that is missing is an error of its own', async () => {
    await expect(runFile('missing.lua')).rejects.toMatchObject({
      code: 'E_FILE',
      message: expect.stringContaining('missing.lua'),
    });
  });

  it('that is a directory is one, too', async () => {
    await expect(runFile('.')).rejects.toMatchObject({code: 'E_FILE', message: expect.stringMatching(/directory/)});
  });

  it('that is empty returns nothing', async () => {
    expect(await runFile('empty.lua', '')).toEqual([]);
  });

  it('may start with a byte order mark and with #!', async () => {
    expect(await runFile('bom.lua', '\ufeff#!/usr/bin/env lua\nreturn 1')).toEqual([1]);
  });

  it('of bytecode is refused', async () => {
    await expect(runFile('code.luac', Buffer.from('\x1bLua\x54', 'latin1'))).rejects.toMatchObject({code: 'E_FILE'});
  });

  it('that does not parse names file and line', async () => {
    await expect(runFile('broken.lua', 'x = \n= 2')).rejects.toMatchObject({
      code: 'E_SYNTAX',
      message: expect.stringMatching(/broken\.lua:2: unexpected symbol near '='/),
    });
  });
});

describe.concurrent('too much of something is a Lua error, and the run goes on', () => {
  itReturns([
    [
      'recursion',
      'local function f() return 1 + f() end local ok, e = pcall(f) return ok, e:find("stack overflow", 1, true) ~= nil',
      false,
      true,
    ],
    [
      'recursion in C',
      'local function f(s) return s:gsub(".", f) end local ok, e = pcall(f, "x") return ok, e:find("C stack overflow", 1, true) ~= nil',
      false,
      true,
    ],
    [
      'recursion through metamethods',
      'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end local ok, e = pcall(function() return t.x end) return ok, e:find("overflow", 1, true) ~= nil',
      false,
      true,
    ],
    [
      'a chain of __index',
      'local t = {} for i = 1, 3000 do t = setmetatable({}, {__index = t}) end local ok, e = pcall(function() return t.x end) return ok, e:find("chain too long", 1, true) ~= nil',
      false,
      true,
    ],
    ['recursion in error handlers', 'local function h() error() end local ok, e = xpcall(error, h) return ok', false],
    [
      'recursion in a goroutine',
      'local function f() return 1 + f() end local ok, e = goroutine.async(f):await() return ok, e:find("stack overflow", 1, true) ~= nil',
      false,
      true,
    ],
    ['recursion through pcall', 'local function f() return pcall(f) end return (f())', true],
    [
      'recursion through spawns',
      'local n = goroutine.atomic_int() local function f(d) n:add(1) if d > 0 then goroutine.async(f, d - 1):await() end end f(200) return n:load()',
      201,
    ],
    ['unpacking', 'return pcall(table.unpack, {}, 1, 1e8)', false, 'too many results to unpack'],
    ['a string', 'return pcall(string.rep, "xx", math.maxinteger)', false, 'resulting string too large'],
    ['concatenation of arguments', 'local ok, e = pcall(string.char, table.unpack({}, 1, 200)) return ok', false],
    ['formatting', 'return pcall(string.format, "%1000d", 1)', false, "invalid conversion specification: '%1000d'"],
    [
      'arguments of a goroutine',
      'return goroutine.async(function(...) return select("#", ...) end, table.unpack({}, 1, 10000)):await()',
      true,
      10_000,
    ],
    [
      'results of a goroutine',
      'local h = goroutine.async(function() return table.unpack({}, 1, 10000) end) return select("#", h:await())',
      10_001,
    ],
    [
      'nesting of a value that is sent',
      'local c, t = channel.make(1), {} for i = 1, 200000 do t = {t} end c:send(t) return (c:receive()) ~= nil',
      true,
    ],
    [
      'cases of a select',
      'local t, c = {}, channel.make() for i = 1, 100001 do t[i] = {"|<-", c} end local ok, e = pcall(channel.select, t, 0) return ok, e:match("100000") ~= nil',
      false,
      true,
    ],
  ]);
});

describe.concurrent('handles cannot be confused', () => {
  itReturns([
    [
      'by a foreign receiver of each method',
      `
      local c, wg, mu, a, h = channel.make(1), goroutine.wait_group(), goroutine.mutex(), goroutine.atomic_int(), go.spawn(function() end)
      local kinds, bad, calls = {c, wg, mu, a, h}, 0, 0
      for _, owner in ipairs(kinds) do
        for name, method in pairs(debug.getmetatable(owner).__index) do
          for _, other in ipairs{c, wg, mu, a, h, {}, 1, "x", true, io.stdout, coroutine.create(print), print} do
            if other ~= owner then
              calls = calls + 1
              if pcall(method, other) then bad = bad + 1 end
            end
          end
          calls = calls + 1
          if pcall(method) then bad = bad + 1 end
        end
      end
      return bad, calls > 200`,
      0,
      true,
    ],
    [
      'by the metatable of another kind',
      `
      local c, mu = channel.make(1), goroutine.mutex()
      debug.setmetatable(mu, debug.getmetatable(c))
      local ok, e = pcall(function() return mu:send(1) end)
      return ok, e`,
      false,
      "script:4: calling 'send' on bad self (channel expected, got channel)",
    ],
    [
      'by the metatable on a file',
      'local m = debug.getmetatable(channel.make()) local f = io.tmpfile() debug.setmetatable(f, m) local ok = pcall(function() return f:send(1) end) return ok',
      false,
    ],
    [
      'by the metatable on a table',
      'local t = debug.setmetatable({}, debug.getmetatable(channel.make())) return pcall(function() return #t end)',
      false,
      "script:1: bad argument #1 to 'len' (channel expected, got channel)",
    ],
    [
      'by calling __gc',
      `
      local c = channel.make(1) c:send(1)
      local gc = debug.getmetatable(c).__gc
      gc(c) gc(c) gc({}) gc(1) pcall(gc)
      local ok, e = pcall(function() return c:receive() end)
      return ok, tostring(pcall(tostring, c))`,
      false,
      'false',
    ],
    [
      'by calling __gc while somebody waits',
      `
      local c = channel.make()
      local h = goroutine.shared(function() return c:receive() end)
      goroutine.sleep(2)
      local d = c:as_sender()
      debug.getmetatable(c).__gc(c)
      collectgarbage()
      d:send(5)
      return h:await()`,
      true,
      5,
      true,
    ],
    [
      'by calling __gc of a goroutine that is awaited',
      `
      local h = goroutine.shared(function() goroutine.sleep(5) return 7 end)
      local w = goroutine.shared(function() return pcall(h.await, h) end)
      goroutine.sleep(1)
      debug.getmetatable(h).__gc(h)
      local _, ok = w:await()
      return type(ok)`,
      'boolean',
    ],
    [
      'by calling __gc in mutex:with',
      'local mu = goroutine.mutex() local ok = pcall(mu.with, mu, function() debug.getmetatable(mu).__gc(mu) collectgarbage() end) return type(ok)',
      'boolean',
    ],
    [
      'by calling __close',
      'local mu = goroutine.mutex() local close = debug.getmetatable(mu).__close close(mu) mu:lock() close(mu) pcall(close) pcall(close, {}) return mu:lock()',
      true,
    ],
    [
      'by changing the methods of one kind',
      'local m = debug.getmetatable(channel.make()) m.__index = {send = print} return pcall(function() return channel.make():receive() end)',
      false,
      "script:1: attempt to call a nil value (method 'receive')",
    ],
    [
      'by taking the metatable away',
      'local c, d = channel.make(1), channel.make(1) debug.setmetatable(c, nil) d:send(c) return type(d:receive())',
      'userdata',
    ],
    [
      'by their equality',
      'local m = debug.getmetatable(channel.make()).__eq return m(1, 2), m({}, channel.make()), pcall(m)',
      false,
      false,
      true,
      false,
    ],
    [
      'by their names',
      'local c = debug.getmetatable(channel.make()).__tostring return pcall(c, {})',
      false,
      'not a live handle',
    ],
  ]);

  it('when they outlive what they stand for', async () => {
    const source = `
      local h = goroutine.async(function() return {channel.make(1), goroutine.mutex()} end)
      local _, t = h:await()
      h = nil collectgarbage() collectgarbage()
      t[1]:send(t[2])
      local mu = t[1]:receive()
      return mu:lock(), mu == t[2]`;
    expect(await valuesOf(source)).toEqual([true, true]);
  });
});

describe.concurrent('values at the border', () => {
  itRaises([
    [
      'a coroutine is not returned to the host',
      'return {co = coroutine.create(print)}',
      /cannot return field 'co' of value 1: a coroutine/,
    ],
    ['a file is not returned to the host', 'return io.stdout', /cannot return value 1: /],
  ]);

  it('a host function that throws raises its message at the caller', async () => {
    const fail = () => {
      throw new Error('no disk');
    };
    const {values} = await runScript('local ok, problem = pcall(fail) return ok, tostring(problem)', {globals: {fail}});
    expect(values).toEqual([false, 'no disk']);
  });

  it('a host function is called with copies and answers with values', async () => {
    const sum = (list: readonly number[], extra: number) => list.reduce((a, b) => a + b, extra);
    expect(await valuesOf('return sum({1, 2, 3}, 10)', {globals: {sum: sum as never}})).toEqual([16]);
  });

  it('a host function is refused what cannot cross, with the path', async () => {
    const {message} = await runScript('host({x = {coroutine.create(print)}})', {globals: {host: () => 1}});
    expect(message).toMatch(/cannot pass to host function '.*'.*x/);
  });
});

describe('a runtime', () => {
  it('closed while everything runs leaves nothing behind', async () => {
    const runtime = new Runtime({workers: 2, stdout: () => {}, stderr: () => {}});
    const runs = Array.from({length: 5}, () =>
      runtime.start(`
        for i = 1, 3 do
          goroutine.parallel(function() while true do end end)
          go.spawn(function() channel.make():receive() end)
          goroutine.shared(function() table.sort({1, 2}, function() goroutine.sleep(9000) end) end)
        end
        goroutine.pool_create("p") for i = 1, 10 do goroutine.pool_submit("p", goroutine.sleep, 9000) end
        defer(function() print("bye") end)
        while true do print("x") goroutine.sleep(0) end`),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await runtime.close();
    for (const run of runs) expect((await run.report).kind).toBe('cancelled');
    expect(runtime.stats()).toMatchObject(nothingAlive);
    expect(() => runtime.start('return 1')).toThrow(/closed/);
  });

  it('closed twice joins the first', async () => {
    const runtime = new Runtime({workers: 1});
    const run = runtime.start('goroutine.sleep(9000)');
    await Promise.all([runtime.close(), runtime.close()]);
    await runtime.close();
    await expect(run.result).rejects.toMatchObject({code: 'E_CLOSED'});
  });
});
