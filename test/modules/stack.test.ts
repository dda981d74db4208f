import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {CommandLine} from '../cli/command-line.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

const folder = mkdtempSync(join(tmpdir(), 'stack-'));
afterAll(() => rmSync(folder, {recursive: true}));

const motd = '{type = "file", name = "motd", properties = {mode = "644", lines = {1, 2.0, {deep = true}}}}';

describe('stack', () => {
  it('tells what became of a resource: created, unchanged, changed', async () => {
    const source = `
      local first, made = stack.register_resource(${motd})
      local second = stack.register_resource(${motd})
      local third, after = stack.register_resource{type = "file", name = "motd", module = "file_ops", properties = {mode = "600"}}
      return first, second, third, made.id, made.properties.lines[3].deep, after.properties.mode, after.created_at == made.created_at`;
    expect(await valuesWithModules(source)).toEqual([
      'created',
      'unchanged',
      'changed',
      'file/motd',
      true,
      '600',
      true,
    ]);
  });

  it('updates, tells and forgets resources', async () => {
    const source = `
      stack.register_resource(${motd})
      local updated = stack.update_resource("file", "motd", {owner = "root"})
      local known = stack.get_resource("file", "motd")
      return updated.properties.owner, known.properties.mode, stack.resource_exists("file", "motd"),
        stack.delete_resource("file", "motd"), stack.resource_exists("file", "motd"), stack.delete_resource("file", "motd"),
        select(2, stack.get_resource("file", "motd")), (select(2, stack.update_resource("file", "motd", {})))`;
    const missing = "stack default has no resource file 'motd'";
    expect(await valuesWithModules(source)).toEqual(['root', '644', true, true, false, false, missing, missing]);
  });

  it('keeps outputs with their types, for later runs, and apart from other stacks and from state', async () => {
    const stateFile = join(folder, 'state.db');
    const write = 'stack.set_output("o", {n = 1, f = 2.5, list = {"a"}, no = false}) return stack.get_id()';
    const [id] = await valuesWithModules(write, {stateFile});
    const read = `
      local o = stack.get_output("o")
      local keys = 0
      for _ in pairs(state.keys()) do keys = keys + 1 end
      return math.type(o.n), math.type(o.f), o.list[1], o.no, stack.get_id(), keys, state.stats().total_keys`;
    expect(await valuesWithModules(read, {stateFile})).toEqual(['integer', 'float', 'a', false, id, 0, 0]);
    const other = 'return stack.get_output("o", "none"), stack.get_name(), stack.get_status()';
    expect(await valuesWithModules(other, {stateFile, stack: 'other'})).toEqual(['none', 'other', 'running']);
    expect(await valuesWithModules('stack.set_output("o", nil) return stack.get_output("o")', {stateFile})).toEqual([
      undefined,
    ]);
  });

  it('loses nothing of a hundred goroutines', async () => {
    const source = hundredTimes('return (stack.register_resource{type = "t", name = "r" .. i % 10, properties = {}})');
    const [statuses] = await valuesWithModules(source);
    expect((statuses as string[]).filter((status) => status === 'created')).toHaveLength(10);
  });

  it.each([
    ['stack.register_resource{name = "x"}', "option 'type' is missing"],
    ['stack.register_resource{type = "t", name = "x", size = 1}', "there is no option 'size'"],
    ['stack.set_output("x", print)', "output 'x': a LuaFunction cannot be kept"],
    [
      'stack.register_resource{type = "t", name = "x", properties = {f = print}}',
      'properties.f: a LuaFunction cannot be kept',
    ],
    ['stack.get_resource("t")', "bad argument #2 to 'stack.get_resource' (string expected, got no value)"],
  ])('%s is an error', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });
});

describe('sloth-runner run', () => {
  const line = new CommandLine();

  it('keeps things of a file under its name, or that of --stack', async () => {
    line.write('deploy.lua', 'print(stack.get_name(), (stack.register_resource{type = "vm", name = "a"}))');
    const runs = ['', '', '--stack prod', '--stack prod'].map((flags) => `sloth-runner run deploy.lua ${flags}`);
    const {stdout} = await line.shell(runs.join('\n'));
    expect(stdout.trim().split('\n')).toEqual([
      'deploy\tcreated',
      'deploy\tunchanged',
      'prod\tcreated',
      'prod\tunchanged',
    ]);
  });

  it('goes on with a run in its stack', async () => {
    line.write(
      's.sloth',
      'task("a"):command(function() print("in " .. stack.get_name()) return fs.exists("ok"), "no" end)',
    );
    const {stdout} = await line.shell(
      'sloth-runner run s.sloth --stack prod; touch ok; sloth-runner run s.sloth --resume --output plain',
    );
    expect(stdout.match(/in \w+/g)).toEqual(['in prod', 'in prod']);
  });

  it('gives a task its workdir: it makes it, and removes only what it has made', async () => {
    line.write(
      'w.sloth',
      `task("a"):workdir("made/deep"):command(function(this)
         print(workdir.get() == this.workdir, fs.basename(workdir.get()), workdir.exists(), workdir.create(), workdir.exists())
         fs.write(workdir.get() .. "/x", "1")
         print(workdir.recreate(), fs.exists(workdir.get() .. "/x"), workdir.cleanup(), workdir.exists())
         return goroutine.parallel(function() return fs.basename(workdir.get()) == "deep" end):await()
       end)
       task("b"):workdir("."):command(function() print("b", workdir.cleanup()) return workdir.exists() end)`,
    );
    const {code, stdout} = await line.shell('sloth-runner run w.sloth --no-journal --output plain --max-concurrency 1');
    expect(stdout).toContain('true\tdeep\ttrue\ttrue\ttrue\n');
    expect(stdout).toContain('true\tfalse\ttrue\tfalse\n');
    expect(stdout).toMatch(/b\tfalse\t.* stays: it was there before/);
    expect(code).toBe(0);
  });
});

it('watchers that a task file registers while it is read watch while its tasks run', async () => {
  const line = new CommandLine();
  line.write(
    'w.sloth',
    `local heard = channel.make(10)
     event.on("*.*", function(e) if e.data.watcher then heard:send(e.type) end end)
     watcher.register.file{path = "made", interval = "20ms"}
     local n = goroutine.atomic_int()
     watcher.register.custom{check = function() if n:add(1) == 1 then error("early") end return fs.exists("made") end, interval = "20ms"}
     task("a"):command(function()
       fs.write("made", "1")
       local first, second = (heard:receive(20)), (heard:receive(20))
       return first ~= nil and second ~= nil, "heard nothing"
     end)`,
  );
  const {code, stderr, stdout} = await line.shell('sloth-runner run w.sloth --no-journal --output plain');
  expect({code, stdout}).toMatchObject({code: 0});
  expect(stderr).toMatch(/watcher 'custom-2' failed: .*early/);
});

describe('workdir in a script', () => {
  it('is the current folder, which stays', async () => {
    const source =
      'return workdir.get(), workdir.exists(), workdir.create(), (workdir.cleanup()), (workdir.recreate())';
    expect(await valuesWithModules(source)).toEqual([process.cwd(), true, true, false, false]);
  });

  it('is where the host says, and needs the permission', async () => {
    const path = join(folder, 'elsewhere');
    const source = 'return workdir.ensure(), workdir.exists(), workdir.cleanup(), workdir.exists()';
    expect(await valuesWithModules(source, {workdirOf: () => ({path, isMade: false})})).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('math', () => {
  it('has e and phi beside what Lua has, on every island, and a program may change them', async () => {
    const source = `
      local there = {goroutine.parallel(function() return math.e, math.phi, math.pi end):await()}
      return there[2] == math.exp(1), there[3] == (1 + math.sqrt(5)) / 2, there[4] == math.pi`;
    expect(await valuesWithModules(source)).toEqual([true, true, true]);
    expect(await valuesWithModules('math.e = 3 return math.e')).toEqual([3]);
  });
});
