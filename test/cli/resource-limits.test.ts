import {existsSync, readdirSync, rmSync, utimesSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
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
