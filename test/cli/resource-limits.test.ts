import {existsSync, readdirSync, rmSync, utimesSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {shareOfCrowd} from '../support/lua-crowd.js';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

function run(config: string, tasks: string, flags = ''): ReturnType<CommandLine['shell']> {
  line.write('tasks.sloth', `runner_config = {resource_limits = ${config}}\n${tasks}\n`);
  return line.shell(`sloth-runner run tasks.sloth --output plain ${flags}`);
}

describe('resource_limits.max_disk', () => {
  const megabyte = 'local mb = ("x"):rep(1024 * 1024)';
  // Random, so that nothing makes it smaller.
  const build = (name: string): string =>
    `task("${name}"):inputs("tasks.sloth"):outputs{"${name}.bin"}:command("echo ran-${name}; head -c 400000 /dev/urandom > ${name}.bin")`;
  const entriesOfCache = (): string[] => {
    const folder = join(line.folder, '.sloth/cache/ac');
    return readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((path) => path.includes('/'))
      .map((path) => join(folder, path));
  };

  it('fails the task that keeps more in its temporary folder, and says what takes the room', async () => {
    const tasks = `${megabyte} task("a"):command(function(ctx) fs.write(ctx.temp_directory .. "/f", mb:rep(3)) end)`;
    const {code, stderr, stdout} = await run('{max_disk = "2Mi"}', tasks);
    expect(stdout + stderr).toMatch(
      /the run keeps 3.* MiB on disk, and 'resource_limits.max_disk' allows 2 MiB \(.* in \.sloth, 0 bytes in artifacts, 3 MiB in temporary folders\)/,
    );
    expect(code).toBe(4);
  });

  it('counts artifacts, with the copies of those that consume them', async () => {
    const tasks = `
      task("a"):workdir("from"):artifacts("*.bin"):command("head -c 700000 /dev/zero > f.bin")
      task("b"):depends_on("a"):workdir("to"):consumes("a"):command("true")`;
    const {code, stdout, stderr} = await run('{max_disk = "1M"}', tasks);
    expect(stdout + stderr).toContain('1.3 MiB in artifacts');
    expect(code).toBe(4);
    expect((await run('{max_disk = "10M"}', tasks)).code).toBe(0);
  });

  it('lets the kept results go first that were unused for longest', async () => {
    rmSync(join(line.folder, '.sloth'), {recursive: true, force: true});
    expect((await run('{max_disk = "10M"}', build('old'))).code).toBe(0);
    for (const path of entriesOfCache()) utimesSync(path, 1000, 1000);
    expect((await run('{max_disk = "10M"}', build('young'))).code).toBe(0);
    expect(entriesOfCache()).toHaveLength(2);
    const tasks = `${build('young')} task("c"):depends_on("young"):command("echo c")`;
    const again = await run('{max_disk = "750K"}', tasks);
    expect(again).toMatchObject({code: 0, stdout: expect.stringContaining('c\n')});
    expect(entriesOfCache()).toHaveLength(1);
    expect(existsSync(join(line.folder, 'young.bin'))).toBe(true);
  });
});

describe('resource_limits.max_network_bandwidth', () => {
  it('holds for what tasks fetch', async () => {
    const server = createServer((_, response) => response.end(Buffer.alloc(100_000)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fetch = `command(function()
      local started = goroutine.now()
      http.get("${url}")
      print("took", goroutine.now() - started >= 390)
    end)`;
    const {code, stdout} = await run('{max_network_bandwidth = "2Mbps"}', `task("a"):${fetch}`);
    server.close();
    expect(stdout).toContain('took\ttrue');
    expect(code).toBe(0);
  });
});

describe('a limit', () => {
  it.each([
    ['{max_disk = 0}', '\'resource_limits.max_disk\' must be a quantity of bytes above 0, such as "50Gi", got 0'],
    ['{max_memory = "8 cores"}', "'resource_limits.max_memory' must be a quantity of bytes above 0"],
    ['{max_cpu = "2Gi"}', '\'resource_limits.max_cpu\' must be a quantity of cores above 0, such as "4000m"'],
    ['{max_network_bandwidth = "1Gi"}', 'must be a quantity of bits a second above 0, such as "1Gbps"'],
  ])('that is none is an error of check: %s', async (config, message) => {
    line.write('tasks.sloth', `runner_config = {resource_limits = ${config}} task("a"):command("true")`);
    const {code, stderr} = await line.shell('sloth-runner check tasks.sloth');
    expect(stderr).toContain(message);
    expect(code).toBe(3);
  });
});

// Holds so many mebibytes on the task's own islands, half of them on one that it starts.
const holding = (mebibytes: number): string => `command(function()
  local half = ${mebibytes / 2} << 20
  local other = goroutine.parallel(function(n) local s = ("x"):rep(n) goroutine.sleep(50) return #s end, half)
  local s = ("y"):rep(half)
  local ok, n = other:await()
  if not ok then error(n, 0) end
  print("held", #s + n)
end)`;

describe('resources.memory.limit of a function', () => {
  it('bounds its islands together, and says which limit it was', async () => {
    const over = await run('{}', `task("a"):resources{memory = {limit = "16Mi"}}:${holding(40)}`, '--no-journal');
    expect(over.stdout + over.stderr).toContain("not enough memory: 'resources.memory.limit' is 16 MiB");
    expect(over.code).toBe(4);
    const within = await run('{}', `task("a"):resources{memory = {limit = "128Mi"}}:${holding(40)}`, '--no-journal');
    expect(within).toMatchObject({code: 0, stdout: expect.stringContaining(`held\t${40 << 20}`)});
  });

  it('is that of one task: others have theirs', async () => {
    const tasks = `task("a"):resources{memory = {limit = "16Mi"}}:${holding(40)} task("b"):${holding(40)}`;
    const {stdout, stderr, code} = await run('{}', `${tasks}`, '--no-journal');
    expect(stdout).toContain('held');
    expect(stdout + stderr).toMatch(/a.*not enough memory/);
    expect(code).toBe(4);
  });

  it('reads params and outputs of others as any task does', async () => {
    const tasks = `task("before"):command(function() return {list = {1, 2, 3}} end)
      task("a"):depends_on("before"):params{n = 4}:resources{memory = {limit = "64Mi"}, cpu = {limit = "500m"}}
        :command(function(params, deps) local sum = params.n for _, v in ipairs(deps.before.list) do sum = sum + v end print("sum", sum) end)`;
    expect(await run('{}', tasks, '--no-journal')).toMatchObject({code: 0, stdout: expect.stringContaining('sum\t10')});
  });

  it('is an error where the function must stay at home, with the reason', async () => {
    const tasks = `local count = 0
      task("a"):resources{memory = {limit = "64Mi"}}:command(function() count = count + 1 end)`;
    const {stdout, stderr, code} = await run('{}', tasks, '--no-journal');
    expect(stdout + stderr).toMatch(/a function with limits needs an island of its own: assigns .*'count'/);
    expect(code).toBe(4);
  });

  it('ends commands that the function runs', async () => {
    const grow = `x=$(head -c 67108864 /dev/zero | tr '\\0' x); sleep 1000`;
    const tasks = `task("a"):resources{memory = {limit = "32Mi"}}:command(function()
      local r, problem = exec.run([[${grow}]])
      print("ended", r.success, problem)
    end)`;
    const {stdout, code} = await run('{}', tasks, '--no-journal');
    expect(stdout).toContain('ended\tfalse\tthe command had more in memory than the 32 MiB it may have');
    expect(code).toBe(0);
  });
});

describe('resource_limits.max_memory', () => {
  it('holds for all islands: whoever asks for more fails, and the others go on', async () => {
    const tasks = `task("small"):command(function() print("small is done") end) task("a"):depends_on("small"):${holding(80)}`;
    const {stdout, stderr, code} = await run('{max_memory = "48Mi"}', tasks, '--no-journal');
    expect(stdout).toContain('small is done');
    expect(stdout + stderr).toContain("not enough memory: 'resource_limits.max_memory' is 48 MiB");
    expect(code).toBe(4);
    expect((await run('{max_memory = "512Mi"}', tasks, '--no-journal')).code).toBe(0);
  });

  it('of a workflow is its resources.memory.limit', async () => {
    const tasks = `task("a"):${holding(80)} workflow.define("w", {resources = {memory = {limit = "48Mi"}}, tasks = {"a"}})`;
    const {stdout, stderr, code} = await run('{}', tasks, '--no-journal');
    expect(stdout + stderr).toContain("not enough memory: 'resources.memory.limit' of the workflow is 48 MiB");
    expect(code).toBe(4);
  });
});

// Prints whether eight goroutines that compute took more than one processor, and how many workers there are.
const crowd = `command(function() ${shareOfCrowd}
  print("at most one", share < 1.4 or share, goroutine.stats().workers)
end)`;

describe('how many workers run', () => {
  it.each([
    ['resources.cpu.limit of a task', '{}', ':resources{cpu = {limit = "1"}}', '--workers 4', /at most one\ttrue\t4/],
    ['a limit below one core', '{}', ':resources{cpu = {limit = "300m"}}', '--workers 4', /at most one\ttrue\t4/],
    ['resource_limits.max_cpu', '{max_cpu = "1500m"}', '', '', /at most one\ttrue\t1/],
  ])('%s says', async (_, config, resources, flags, expected) => {
    const {stdout} = await run(config, `task("a")${resources}:${crowd}`, `--no-journal ${flags}`);
    expect(stdout).toMatch(expected);
  });

  it('the limit of a workflow says', async () => {
    const tasks = `task("a"):${crowd} workflow.define("w", {resources = {cpu = {limit = "1"}}, tasks = {"a"}})`;
    line.write('tasks.sloth', tasks);
    const {stdout} = await line.shell('sloth-runner run tasks.sloth --no-journal --output plain --workers 4');
    expect(stdout).toMatch(/at most one\ttrue\t1/);
  });

  it('--workers comes before max_cpu', async () => {
    line.write(
      'tasks.sloth',
      `runner_config = {resource_limits = {max_cpu = "1"}} task("a"):command(function() print("workers", goroutine.stats().workers) end)`,
    );
    const {stdout} = await line.shell('sloth-runner run tasks.sloth --no-journal --output plain --workers 3');
    expect(stdout).toContain('workers\t3');
  });
});
