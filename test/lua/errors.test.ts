import {describe, expect, it} from 'vitest';
import {itReturns, runScript, type ScriptOptions, valuesOf} from './script.js';

/** What a run says about itself, without its output. */
async function endOf(source: string, options?: ScriptOptions) {
  const {kind, uncaught, stderr, message = ''} = await runScript(source, options);
  return {kind, uncaught, stderr, message};
}

describe.concurrent('print', () => {
  it('writes its arguments with tabs and a newline', async () => {
    expect((await runScript('print(1, 1.5, "a", nil, true) print() print("")')).stdout).toBe(
      '1\t1.5\ta\tnil\ttrue\n\n\n',
    );
  });

  it('writes whole lines from many islands', async () => {
    const source = `for g = 1, 4 do goroutine.parallel(function() for i = 1, 200 do print(("x"):rep(50), g, i, ("y"):rep(50)) end end) end`;
    const {stdout} = await runScript(source);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(800);
    expect(lines.filter((line) => !/^x{50}\t[1-4]\t\d+\ty{50}$/.test(line))).toEqual([]);
  });

  it('keeps the order of what happened before', async () => {
    const source = `local c = channel.make() goroutine.parallel(function() print("first") c:send(1) end) c:receive() print("second")`;
    expect((await runScript(source)).stdout).toBe('first\nsecond\n');
  });

  it('uses __tostring and __name', async () => {
    const source = `print(setmetatable({}, {__tostring = function() return "T" end})) print((tostring(setmetatable({}, {__name = "N"})):gsub("0x.*", "")))`;
    expect((await runScript(source)).stdout).toBe('T\nN: \n');
  });

  it('raises for a __tostring that returns no string, and writes nothing', async () => {
    const {stdout, message} = await runScript('print("a", setmetatable({}, {__tostring = function() return {} end}))');
    expect({stdout, message}).toEqual({stdout: '', message: "script:1: '__tostring' must return a string"});
  });

  it('writes bytes as they are', async () => {
    const chunks: (string | Uint8Array)[] = [];
    await runScript('io.write("a\\0b\\xff")', {runtime: {stdout: (text) => void chunks.push(text)}});
    expect(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(Buffer.from([0x61, 0, 0x62, 0xff]));
  });

  it('shares its order with io.write and io.stdout', async () => {
    expect((await runScript('io.write("a") print("b") io.stdout:write("c", 1, "\\n") io.stdout:flush()')).stdout).toBe(
      'ab\nc1\n',
    );
  });

  it('leaves warnings and io.stderr to stderr', async () => {
    const {stdout, stderr} = await runScript(
      'warn("w", "x") io.stderr:write("e\\n") warn("@off") warn("hidden") warn("@on") warn("again")',
    );
    expect({stdout, stderr}).toEqual({stdout: '', stderr: 'Lua warning: wx\ne\nLua warning: again\n'});
  });
});

describe.concurrent('an uncaught error', () => {
  it('of a spawned goroutine is printed once with traceback and spawn site, and the others go on', async () => {
    const source = `
go.spawn(function()
  error("disk full")
end)
goroutine.sleep(20)
print("still here")`;
    const {stdout, stderr, kind, uncaught} = await runScript(source);
    expect(stderr).toMatch(
      /^goroutine \d+ failed: script:3: disk full\nstack traceback:\n\t\[C\]: in function 'error'\n\tscript:3: in function <script:2>\n\t\[C\]: in \?\nspawned at script:2 by goroutine 1\n$/,
    );
    expect({stdout, kind, uncaught}).toEqual({stdout: 'still here\n', kind: 'succeeded', uncaught: 1});
  });

  it.each([
    'spawn(function() error("e", 0) end)',
    'spawn_many(1, function() error("e", 0) end)',
    'wait_group():go(function() error("e", 0) end)',
    'parallel(function() error("e", 0) end)',
    'shared(function() error("e", 0) end)',
  ])('of goroutine.%s is printed when it happens', async (call) => {
    const {stderr, uncaught} = await runScript(`goroutine.${call} goroutine.sleep(20) io.stderr:write("end\\n")`);
    expect(stderr).toMatch(/^goroutine \d+ failed: e\n[\s\S]*end\n$/);
    expect(uncaught).toBe(1);
  });

  it.each(['async(function() error("e", 0) end)', 'create(function() error("e", 0) end)'])(
    'of goroutine.%s is reported at the end',
    async (call) => {
      const {stderr, uncaught} = await runScript(`goroutine.${call} goroutine.sleep(20) io.stderr:write("end\\n")`);
      expect(stderr).toMatch(/^end\ngoroutine \d+ failed: e\n/);
      expect(uncaught).toBe(1);
    },
  );

  it('of go is printed', async () => {
    expect((await runScript('go(function() error("e", 0) end)')).stderr).toMatch(/^goroutine \d+ failed: e\n/);
  });

  it.each(['h:await()', 'goroutine.await_all{h}', 'h:status()'])(
    'of goroutine.async that was asked for with %s is not reported',
    async (ask) => {
      const source = `local h = goroutine.async(function() error("e") end) goroutine.sleep(20) ${ask}`;
      expect(await endOf(source)).toEqual({kind: 'succeeded', uncaught: 0, stderr: '', message: ''});
    },
  );

  it('of a spawned goroutine that is awaited already is not printed', async () => {
    const source = 'local h = go.spawn(function() goroutine.sleep(10) error("e") end) h:await()';
    expect(await endOf(source)).toEqual({kind: 'succeeded', uncaught: 0, stderr: '', message: ''});
  });

  it('of any goroutine of a list that is awaited already is not printed', async () => {
    const source = `
      local a = go.spawn(function() goroutine.sleep(40) end)
      local b = go.spawn(function() goroutine.sleep(5) error("e") end)
      goroutine.wait_all({a, b}, 10)`;
    expect(await endOf(source)).toEqual({kind: 'succeeded', uncaught: 0, stderr: '', message: ''});
  });

  it('that was printed is not taken back by a later await', async () => {
    const source = 'local h = go.spawn(function() error("e", 0) end) goroutine.sleep(20) return h:await()';
    const {values, uncaught} = await runScript(source);
    expect(values[0]).toBe(false);
    expect(uncaught).toBe(1);
  });

  it('after an await that gave up is reported', async () => {
    const spawned = 'local h = go.spawn(function() goroutine.sleep(40) error("e", 0) end) h:await(1)';
    expect(await endOf(spawned)).toMatchObject({uncaught: 1, stderr: expect.stringMatching(/failed: e\n/)});
    const async = 'local h = goroutine.async(function() goroutine.sleep(40) error("e", 0) end) h:await(1)';
    expect(await endOf(async)).toMatchObject({uncaught: 1, stderr: expect.stringMatching(/failed: e\n/)});
    const list = 'local h = go.spawn(function() goroutine.sleep(40) error("e", 0) end) goroutine.await_all({h}, 1)';
    expect(await endOf(list)).toMatchObject({uncaught: 1, stderr: expect.stringMatching(/failed: e\n/)});
  });

  it('names the spawn site across islands and coroutines', async () => {
    const source = `
local function start()
  coroutine.wrap(function()
    go.spawn(function() error("e", 0) end)
  end)()
end
start()`;
    expect((await runScript(source)).stderr).toMatch(/spawned at script:4 by goroutine 1\n$/);
  });

  it('of the main chunk is the error of the run', async () => {
    const {kind, message, traceback, uncaught} = await runScript('local function f() error("main broke") end\nf()');
    expect({kind, message, uncaught}).toEqual({kind: 'failed', message: 'script:1: main broke', uncaught: 0});
    expect(traceback).toMatch(
      /^stack traceback:\n\t\[C\]: in function 'error'\n\tscript:1: in (?:upvalue|local|function).*\n\tscript:2: in main chunk\n/,
    );
  });

  it('of the main chunk lets the others end', async () => {
    const {kind, stdout} = await runScript('go.spawn(function() goroutine.sleep(20) print("ended") end) error("x")');
    expect({kind, stdout}).toEqual({kind: 'failed', stdout: 'ended\n'});
  });

  it('in a deferred function is reported, and the other deferred functions run', async () => {
    const source = `
      go.spawn(function()
        defer(function() print("first deferred") end)
        defer(function() error("in defer", 0) end)
        defer(function() print("last deferred") end)
      end)`;
    const {stdout, stderr, uncaught} = await runScript(source);
    expect({stdout, uncaught}).toEqual({stdout: 'last deferred\nfirst deferred\n', uncaught: 1});
    expect(stderr).toMatch(/^goroutine \d+: error in a deferred function: in defer\n/);
  });

  it('in a finalizer is a warning', async () => {
    const {kind, stderr} = await runScript('setmetatable({}, {__gc = function() error("in gc") end}) collectgarbage()');
    expect({kind, stderr}).toEqual({kind: 'succeeded', stderr: 'Lua warning: error in __gc (script:1: in gc)\n'});
  });
});

describe.concurrent('an error object', () => {
  const cases: readonly (readonly [what: string, value: string, message: string])[] = [
    ['string', '"text"', 'text'],
    ['string with zeros', '"a\\0b"', 'a\0b'],
    ['integer', '7', '7'],
    ['float', '1.5', '1.5'],
    ['boolean', 'false', '(error object is a boolean value)'],
    ['nil', 'nil', '(error object is a nil value)'],
    ['table', '{}', '(error object is a table value)'],
    ['function', 'print', '(error object is a function value)'],
    ['coroutine', 'coroutine.create(print)', '(error object is a thread value)'],
    ['table with __tostring', 'setmetatable({}, {__tostring = function() return "E!" end})', 'E!'],
    [
      'table whose __tostring raises',
      'setmetatable({}, {__tostring = function() error("inner") end})',
      '(error object is a table value)',
    ],
    [
      'table whose __tostring returns no string',
      'setmetatable({}, {__tostring = function() return {} end})',
      '(error object is a table value)',
    ],
  ];
  it.each(cases)('that is a %s is named in reports', async (_what, value, message) => {
    const inMain = await endOf(`error(${value}, 0)`);
    expect({kind: inMain.kind, message: inMain.message}).toEqual({kind: 'failed', message});
    const {stderr} = await runScript(`go.spawn(function() error(${value}, 0) end)`);
    expect(stderr.startsWith(`goroutine 2 failed: ${message}\n`)).toBe(true);
  });

  itReturns([
    ['that is a table keeps its fields through pcall', 'local ok, e = pcall(error, {code = 1}) return e.code', 1],
    [
      'that cannot be copied is awaited as its text',
      'local ok, e, k = goroutine.async(function() error(coroutine.create(print)) end):await() return ok, type(e), k',
      false,
      'string',
      'error',
    ],
    [
      'with a metatable keeps it on its way',
      'local h = goroutine.async(function() error(setmetatable({}, {__index = {x = 4}})) end) local _, e = h:await() return e.x',
      4,
    ],
    [
      'is what an error in an error handler leaves',
      'local ok, e = xpcall(error, function() error("again", 0) end, "x") return ok, type(e)',
      false,
      'string',
    ],
  ]);
});

describe.concurrent('how a run ends', () => {
  it('waits for the goroutines that were started', async () => {
    expect((await runScript('go.spawn(function() goroutine.sleep(30) print("done") end) print("main")')).stdout).toBe(
      'main\ndone\n',
    );
  });

  it('with noWait cancels what still runs, after its cleanup', async () => {
    const source = `
      go.spawn(function() defer(function() print("cleaned") end) goroutine.sleep(9000) end)
      goroutine.sleep(10) print("main")`;
    const {stdout, kind, ms} = await runScript(source, {noWait: true});
    expect({stdout, kind}).toEqual({stdout: 'main\ncleaned\n', kind: 'succeeded'});
    expect(ms).toBeLessThan(9000);
  });

  it('with noWait keeps the results of the main chunk', async () => {
    const {values} = await runScript('go.spawn(function() while true do end end) return 5', {noWait: true});
    expect(values).toEqual([5]);
  });

  it('with failFast stops everything at the first uncaught error', async () => {
    const source = `
      go.spawn(function() goroutine.sleep(5) error("first", 0) end)
      go.spawn(function() defer(function() print("cleaned") end) goroutine.sleep(9000) print("never") end)
      goroutine.sleep(9000) print("never")`;
    const {stdout, stderr, kind, uncaught, ms} = await runScript(source, {failFast: true});
    expect({stdout, kind, uncaught}).toEqual({stdout: 'cleaned\n', kind: 'failed', uncaught: 1});
    expect(stderr).toMatch(/^goroutine 2 failed: first\n/);
    expect(ms).toBeLessThan(9000);
  });

  it('with failFast does not stop for an error that is awaited', async () => {
    const source = 'local h = goroutine.async(function() goroutine.sleep(5) error("e") end) return (h:await())';
    expect(await valuesOf(source, {failFast: true})).toEqual([false]);
  });

  const exits: readonly (readonly [where: string, source: string])[] = [
    ['in the main chunk', 'os.exit(7)'],
    ['in a goroutine', 'go.spawn(function() os.exit(7) end) goroutine.sleep(9000)'],
    ['on another island', 'goroutine.parallel(function() os.exit(7) end) goroutine.sleep(9000)'],
    ['in a coroutine', 'coroutine.wrap(function() os.exit(7) end)() print("never")'],
    ['inside pcall', 'pcall(os.exit, 7) print("never")'],
    ['inside xpcall with a handler', 'xpcall(os.exit, function() print("never") end, 7) print("never")'],
    ['in a comparator', 'table.sort({3, 2, 1}, function() os.exit(7) end) print("never")'],
    [
      'in a __close handler',
      'do local x <close> = setmetatable({}, {__close = function() os.exit(7) end}) end print("never")',
    ],
    ['in a deferred function', 'go.spawn(function() defer(function() os.exit(7) end) end) goroutine.sleep(9000)'],
    ['in a deferred function of the main chunk', 'defer(function() os.exit(7) end)'],
    [
      'in a finalizer',
      'setmetatable({}, {__gc = function() os.exit(7) end}) collectgarbage() goroutine.sleep(9000) print("never")',
    ],
    [
      'in a pool job',
      'goroutine.pool_create("p") goroutine.pool_submit("p", os.exit, 7) goroutine.pool_wait("p") print("never")',
    ],
    ['while others run', 'goroutine.parallel(function() while true do end end) goroutine.sleep(5) os.exit(7)'],
    ['in a chunk that was loaded', 'load("os.exit(7)")() print("never")'],
    [
      'in a select handler',
      'local c = channel.make(1) c:send(1) channel.select{{"|<-", c, function() os.exit(7) end}} print("never")',
    ],
    ['inside goroutine.timeout', 'goroutine.timeout(9000, function() os.exit(7) end) print("never")'],
  ];
  it.each(exits)('by os.exit %s', async (_where, source) => {
    const {kind, exitCode, stdout, ms} = await runScript(source);
    expect({kind, exitCode, stdout}).toEqual({kind: 'exit', exitCode: 7, stdout: ''});
    expect(ms).toBeLessThan(9000);
  });

  it.each([
    ['', 0],
    ['true', 0],
    ['false', 1],
    ['255', 255],
    ['256', 0],
    ['-1', 255],
    ['3, true', 3],
  ])('by os.exit(%s) with code %i', async (argument, code) => {
    expect(await runScript(`os.exit(${argument})`)).toMatchObject({kind: 'exit', exitCode: code});
  });

  it('by os.exit after the cleanup of everybody', async () => {
    const source = `
      go.spawn(function() defer(function() print("cleaned") end) goroutine.sleep(9000) end)
      goroutine.sleep(5) os.exit(0)`;
    expect((await runScript(source)).stdout).toBe('cleaned\n');
  });

  it('keeps the code of the first os.exit', async () => {
    const source =
      'go.spawn(function() defer(function() os.exit(2) end) goroutine.sleep(9000) end) goroutine.sleep(5) os.exit(1)';
    expect(await runScript(source)).toMatchObject({kind: 'exit', exitCode: 1});
  });

  it('refuses a code that is no integer', async () => {
    expect(await endOf('os.exit("x")')).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/bad argument #1 to 'exit'/),
    });
  });
});
