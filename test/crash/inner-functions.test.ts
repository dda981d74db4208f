import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

// What the library keeps to itself, found as a program can find it: in the upvalues of what runs inside its calls.
const find = `
  local inner = {}
  local function look(f)
    for i = 1, 255 do
      local name, value = debug.getupvalue(f, i)
      if not name then return end
      if type(value) == "function" and not inner[name] then inner[name] = value look(value) end
    end
  end
  local function within(f, ...)
    debug.sethook(function() look(debug.getinfo(2, "f").func) end, "c")
    pcall(f, ...)
    debug.sethook()
  end
`;

function run(source: string): {status: number | null; signal: string | null; stdout: string; stderr: string} {
  const {status, signal, stdout, stderr} = spawnSync(process.execPath, [main, 'run', '-'], {
    input: find + source,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return {status, signal, stdout, stderr};
}

test('a daemon is refused a list of things that are neither counters nor channels', () => {
  const program = `
    within(goroutine.fan_in, {channel.make()})
    local daemon, atomic = assert(inner.daemon), goroutine.atomic_int(1)
    for _, list in ipairs{{1}, {channel.make()}, {atomic, atomic, "x"}, {atomic, goroutine.mutex()}} do
      print(pcall(daemon, list, print))
    end
    print(pcall(daemon, 1, print))`;
  const {status, signal, stdout} = run(program);
  expect({status, signal}).toEqual({status: 0, signal: null});
  expect(stdout.split('\n')).toEqual([
    'false\ta counter or a channel behind one was expected, got number',
    'false\ta counter or a channel behind one was expected, got userdata',
    'false\ta counter or a channel behind one was expected, got string',
    'false\ta counter or a channel behind one was expected, got userdata',
    expect.stringContaining('table expected, got number'),
    '',
  ]);
});

test('a class that is asked for again stays the same table, and collecting does not take it away', () => {
  const program = `
    local classes = {}
    debug.sethook(function()
      if debug.getinfo(2, "S").what == "main" then classes[#classes + 1] = select(2, debug.getlocal(2, -3)) end
    end, "c")
    exec.start({"true"})
    debug.sethook()
    local made = 0
    for _, class in ipairs(classes) do
      local first, again = class("made"), class("made")
      if first == again and class("made again") ~= first then made = made + 1 end
    end
    for i = 1, 3 do collectgarbage() end
    local results = channel.make(1)
    go.spawn(function(f) results:send(type(f)) end, pcall)
    print(made, (results:receive()))`;
  expect(run(program)).toMatchObject({status: 0, signal: null, stdout: '1\tfunction\n'});
});

test('a once that is called misses its guard when the debug library took it away', () => {
  const program = `
    local function take()
      local level = 2
      while debug.getinfo(level, "S") do
        for i = 1, 10 do
          local _, value = debug.getlocal(level, i)
          if tostring(value):find("^guard") then debug.getmetatable(value).__gc(value) end
        end
        level = level + 1
      end
    end
    print(pcall(function() return goroutine.once():call(take) end))
    print(pcall(function() return goroutine.semaphore(1):with(take) end))`;
  expect(run(program)).toEqual({
    status: 0,
    signal: null,
    stdout: 'false\tstdin:26: the guard of this call is gone\ntrue\n',
    stderr: '',
  });
});
