import {describe, expect, it} from 'vitest';
import {Runtime} from '../../lib/runtime.js';
import {itRaises, itReturns, runScript, valuesOf} from '../lua/script.js';

describe('goroutine.dump', () => {
  it('names each goroutine, its island, what it waits for, where it stands and where it was started', async () => {
    const [text] = await valuesOf(
      `local ch = channel.make()
go.spawn(function()
  ch:receive()
end)
repeat goroutine.sleep(2) until goroutine.stats().waiting["channel receive"]
local text = goroutine.dump()
ch:send(1)
return text`,
    );
    expect(text).toMatch(
      new RegExp(
        [
          '^2 goroutines on 2 islands\n',
          'main goroutine 1 \\[running\\] on island \\d+, alone',
          'stack traceback:',
          "\t\\[C\\]: in function 'goroutine.dump'",
          '\tscript:6: in main chunk',
          '(?:\t\\[C\\]: in \\?\n)?',
          'goroutine 2 \\[channel receive for \\d+\\.\\d{3} s\\] on island \\d+, alone',
          'stack traceback:',
          "\t\\[C\\]: in method 'receive'",
          '\tscript:3: in function <script:2>',
          'spawned at script:2 by goroutine 1\n$',
        ].join('\n'),
      ),
    );
  });

  it('shows the coroutine a goroutine waits in, and what resumed it', async () => {
    const [text] = await valuesOf(
      `local ch = channel.make()
go.spawn(function()
  local step = coroutine.wrap(function()
    ch:receive()
  end)
  step()
end)
repeat goroutine.sleep(2) until goroutine.stats().waiting["channel receive"]
local text = goroutine.dump()
ch:send(1)
return text`,
    );
    expect(text).toMatch(/script:4: in function <script:3>\nof a coroutine; stack traceback:\n.*\n\tscript:6: in /);
  });

  it('stops goroutines that compute, to see where they are', async () => {
    const [text] = await valuesOf(
      `local stop = goroutine.atomic_int()
local function spin(stop)
  while stop:load() == 0 do end
end
go.spawn(spin, stop)
goroutine.sleep(20)
local text
for try = 1, 100 do
  text = goroutine.dump()
  if text:find("script:3: in ", 1, true) then break end
end
stop:store(1)
return text`,
    );
    expect(text).toMatch(
      /goroutine 2 \[(?:running|ready)\] on island \d+, alone\nstack traceback:\n(?:\t.*\n)?\tscript:3: in /,
    );
  });

  it('says of a goroutine that does not stop what is known of it', async () => {
    const {stdout, kind} = await runScript(
      `go.spawn(function() string.rep("x", 1000):rep(20000):find(("x?"):rep(25) .. ("x"):rep(25) .. "y") end)
goroutine.sleep(20)
print(goroutine.dump())`,
      {noWait: true},
    );
    expect(kind).toBe('succeeded');
    expect(stdout).toMatch(/goroutine 2 \[\w+\] on island/);
  });

  it('shows goroutines that have not started', async () => {
    const [text] = await valuesOf(
      `for i = 1, 3 do goroutine.shared(function() goroutine.sleep(1) end) end
return goroutine.dump()`,
    );
    expect(text).toMatch(/goroutine 2 \[ready\] on island \d+, shared with 3 others\n\(has not started\)\nspawned at/);
  });

  it('tells a wait in place by what it waits for', async () => {
    const [text] = await valuesOf(
      `local ch = channel.make()
go.spawn(function() table.sort({1, 2}, function(a, b) ch:receive() return a < b end) end)
repeat goroutine.sleep(2) until goroutine.stats().waiting["channel receive"]
local text = goroutine.dump()
ch:close()
return text`,
    );
    expect(text).toMatch(/\[channel receive for [\d.]+ s\][\s\S]*in function 'table.sort'/);
  });

  it('does not wait for a goroutine that dumps, too', async () => {
    const {ms, stdout} = await runScript(
      'for i = 1, 4 do go.spawn(function() for n = 1, 5 do goroutine.dump() end print("done") end) end',
    );
    expect(stdout).toBe('done\n'.repeat(4));
    expect(ms).toBeLessThan(20_000);
  });

  it('copes with 10,000 goroutines on as many islands', async () => {
    const {values, ms} = await runScript(
      `local ch = channel.make()
for i = 1, 10000 do goroutine.parallel(function() ch:receive() end) end
goroutine.sleep(50)
local list = goroutine.dump{format = "table"}
local text = goroutine.dump()
ch:close()
return #list, (select(2, text:gsub("channel receive", "")))`,
    );
    expect(values[0]).toBe(10_001);
    expect(values[1]).toBeGreaterThan(9000);
    expect(ms).toBeLessThan(20_000);
  });

  itReturns([
    [
      'describes a goroutine as a table',
      `local ch = channel.make()
go.spawn(function() ch:receive() end)
repeat goroutine.sleep(2) until goroutine.stats().waiting["channel receive"]
goroutine.sleep(20)
local main, other = table.unpack(goroutine.dump{format = "table"})
ch:send(1)
assert(other.waiting_ms > 0 and other.traceback:find("script:2") and main.island ~= other.island)
return main.id, main.main, main.state, main.parent, other.id, other.main, other.state, other.waiting_for, other.parent,
  other.shared_with, other.spawned_at, other.leaked`,
      1,
      true,
      'running',
      undefined,
      2,
      false,
      'waiting',
      'channel receive',
      1,
      0,
      'script:2',
      false,
    ],
    [
      'takes nil options',
      'return type(goroutine.dump(nil)), type(goroutine.dump({format = "text"}))',
      'string',
      'string',
    ],
    [
      'works inside pcall, coroutines, iterators and comparators',
      `local seen = {}
local function dump() return type(goroutine.dump()) end
seen[1] = select(2, pcall(dump))
seen[2] = coroutine.wrap(dump)()
for text in function(_, last) if not last then return dump() end end do seen[3] = text end
table.sort({2, 1}, function(a, b) seen[4] = dump() return a < b end)
return table.unpack(seen)`,
      'string',
      'string',
      'string',
      'string',
    ],
    [
      'can be cancelled while it waits for others to stop',
      `local stop = goroutine.atomic_int()
go.spawn(function() while stop:load() == 0 do end end)
local h = goroutine.async(function() while true do goroutine.dump() end end)
goroutine.sleep(20)
h:cancel("enough")
local ok, message = h:await()
stop:store(1)
return ok, message`,
      false,
      'cancelled: enough',
    ],
  ]);

  itRaises([
    ['refuses an unknown format', 'goroutine.dump{format = "json"}', /format: "text" or "table" expected, got json/],
    ['refuses an unknown option', 'goroutine.dump{depth = 3}', /\{format =\} has no field 'depth'/],
    ['refuses what is no table', 'goroutine.dump("table")', /table expected, got string/],
  ]);

  it('raises in a finalizer', async () => {
    const {stderr} = await runScript(
      'setmetatable({}, {__gc = function() goroutine.dump() end}) collectgarbage() return 1',
    );
    expect(stderr).toContain('a call that may block is not possible in a finalizer');
  });
});

describe('runtime.dump', () => {
  it('shows the goroutines of all runs, and says of which', async () => {
    const runtime = new Runtime({workers: 2});
    const runs = [1, 2].map(() => runtime.start('channel.sleep(60)', {chunkName: '=sleeper'}));
    await expect
      .poll(() => runtime.dump())
      .toMatch(
        /^2 goroutines on 2 islands\n\nmain goroutine 1 of run 1 \[sleep for [\d.]+ s\][\s\S]*main goroutine 2 of run 2 \[sleep/,
      );
    for (const run of runs) run.cancel('seen');
    await Promise.all(runs.map((run) => run.report));
    expect(await runtime.dump()).toBe('0 goroutines on 0 islands\n');
    await runtime.close();
    await expect(runtime.dump()).rejects.toMatchObject({code: 'E_CLOSED'});
  });

  it('answers everybody who asks at once, also when the runtime closes meanwhile', async () => {
    const runtime = new Runtime({workers: 2});
    runtime.start('while true do end');
    const dumps = [runtime.dump(), runtime.dump()];
    const closed = runtime.close();
    for (const text of await Promise.all(dumps)) expect(text).toMatch(/goroutine/);
    await closed;
  });
});
