import {describe, expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

const lostUpdate = `
local total, workers = goroutine.atomic_int(), goroutine.wait_group()
for _ = 1, 2 do
  workers:go(function()
    for _ = 1, 5 do total:store(total:load() + 1) end
  end)
end
workers:wait()
print("total", total:load())
assert(total:load() == 10, "an update was lost")`;

const crossedLocks = `
local a, b = goroutine.mutex(), goroutine.mutex()
local function both(first, second)
  first:lock()
  goroutine.yield()
  second:lock()
  second:unlock()
  first:unlock()
end
go.spawn(both, a, b)
go.spawn(both, b, a)`;

describe('explore', () => {
  it.each([
    ['a lost update', lostUpdate, 'it failed', 1],
    ['a deadlock', crossedLocks, 'a deadlock', 5],
    [
      'an exit code',
      `${lostUpdate.replace(/assert.*/, 'if total:load() < 10 then os.exit(33) end')}`,
      'the script called os.exit(33)',
      33,
    ],
    [
      'an error that nobody awaits',
      'local ch = channel.make(1) go.spawn(function() if not ch:try_receive() then error("early") end end) ch:send(1)',
      'a goroutine failed',
      1,
    ],
  ])('finds %s within 1000 seeds, and the seed repeats it', async (_name, source, what, code) => {
    cli.write('bug.lua', source);
    const found = await cli.run(['explore', 'bug.lua']);
    expect(found.code).toBe(7);
    const [, seed] = /^found: seed (\d+), run \d+ of 1000: /m.exec(found.stderr) ?? [];
    expect(found.stderr).toContain(`of 1000: ${what}\n`);
    expect(found.stderr).toContain(`repeat it: sloth-runner run --seed ${seed} --virtual-time bug.lua\n`);
    for (const workers of ['1', '2']) {
      const again = await cli.run(['run', '--seed', String(seed), '--virtual-time', '--workers', workers, 'bug.lua']);
      expect(again.code).toBe(code);
      expect(again.stdout).toBe(found.stdout);
      expect(found.stderr.startsWith(again.stderr)).toBe(true);
    }
  });

  it('says that it found nothing, and how many outputs it saw', async () => {
    cli.write('fine.lua', 'go.spawn(print, 1) go.spawn(print, 2)');
    const args = ['explore', '--any-output', '--runs', '30', '--seed', '5', 'fine.lua'];
    const {code, stdout, stderr} = await cli.run(args);
    expect({code, stdout, stderr}).toEqual({
      code: 0,
      stdout: '',
      stderr: '30 runs from seed 5: no failure, 2 different outputs\n',
    });
  });

  it('stops at a different output', async () => {
    cli.write('order.lua', 'print("begin") go.spawn(print, ...) go.spawn(print, 2)');
    const args = ['explore', 'order.lua', '--', "it's"];
    const {code, stderr} = await cli.run(args);
    expect(code).toBe(7);
    expect(stderr).toMatch(/line 2 of the output is "(2|it's)", with the first seed "(2|it's)"\n/);
    expect(stderr).toMatch(/repeat it: sloth-runner run --seed \d+ --virtual-time order\.lua -- 'it'\\''s'\n/);
    const other = await cli.run(['explore', '--runs', '20', cli.write('same.lua', 'print(1)')]);
    expect(other).toMatchObject({code: 0, stderr: '20 runs from seed 0: no failure, the same output each time\n'});
  });

  it('takes a time limit, and repeats it with the others', async () => {
    cli.write('endless.lua', 'go.spawn(function() while true do end end) channel.sleep(1)');
    const {code, stderr} = await cli.run(['explore', '--timeout', '2s', '--fail-fast', 'endless.lua', '--', '']);
    expect(code).toBe(7);
    expect(stderr).toContain('found: seed 0, run 1 of 1000: its time was over\n');
    expect(stderr).toContain("--timeout 2000ms --fail-fast endless.lua -- ''\n");
    const waited = await cli.run(['explore', '--no-wait', '--runs', '2', 'endless.lua']);
    expect(waited.code).toBe(0);
  });

  it('can be interrupted, and says where it was', async () => {
    // Its shell's parent is the process that explores.
    cli.write('spin.lua', 'os.execute("kill -INT $PPID") while true do end');
    const {code, stderr} = await cli.run(['explore', 'spin.lua']);
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted in run 1 of 1000, with seed 0');
  });

  it.each([
    ['no such file', ['explore', 'missing.lua'], /missing\.lua: no such file/],
    ['a task file', ['explore', 'a.sloth'], /explore takes a \.lua script: a\.sloth is a task file/],
    ['a task file on a virtual clock', ['run', '--virtual-time', 'a.sloth'], /--virtual-time takes a \.lua script/],
    ['no number of runs', ['explore', '--runs', '0', 'fine.lua'], /--runs.*Give a number of runs/],
  ])('complains about %s', async (_name, args, message) => {
    cli.write('a.sloth', 'task("a"):command(function() end)');
    const {code, stderr} = await cli.run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('stops at once at a syntax error', async () => {
    const {code, stderr} = await cli.run(['explore', cli.write('broken.lua', 'local = 3')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/broken\.lua:1:/);
    expect(stderr).not.toContain('found:');
  });
});

describe('run --virtual-time', () => {
  it('runs the same each time, with seed 0 unless another is given', async () => {
    cli.write('draw.lua', 'for i = 1, 5 do go.spawn(function() print(i, math.random(1000), os.time()) end) end');
    const runs = await Promise.all(
      [[], ['--seed', '0'], ['--workers', '2']].map((flags) =>
        cli.run(['run', '--virtual-time', ...flags, 'draw.lua']),
      ),
    );
    expect(new Set(runs.map(({stdout}) => stdout)).size).toBe(1);
    const other = await cli.run(['run', '--virtual-time', '--seed', '1', 'draw.lua']);
    expect(other.stdout).not.toBe(runs[0]?.stdout);
  });

  it('measures --timeout on the virtual clock', async () => {
    cli.write('sleeps.lua', 'channel.sleep(tonumber(...))');
    const short = await cli.run(['run', '--virtual-time', '--timeout', '2h', 'sleeps.lua', '--', '3600']);
    expect(short.code).toBe(0);
    const long = await cli.run(['run', '--virtual-time', '--timeout', '30m', 'sleeps.lua', '--', '3600']);
    expect(long.code).toBe(124);
    expect(Math.max(short.ms, long.ms)).toBeLessThan(30_000);
  });
});
