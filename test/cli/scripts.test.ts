import {describe, expect, test} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

describe('a script', () => {
  test('prints to stdout and ends with 0', async () => {
    const {code, stdout, stderr} = await cli.runText('hello.lua', 'print("olá", 1, 1.0)');
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: 'olá\t1\t1.0\n', stderr: ''});
  });

  test('gets its arguments as lua gives them', async () => {
    const {stdout} = await cli.runText('args.lua', 'print(..., arg[0], arg[1], arg[2], #arg)', '--', '-v', 'b c');
    expect(stdout).toBe('-v\targs.lua\t-v\tb c\t2\n');
    const {stdout: all} = await cli.runText('all.lua', 'print(select("#", ...), ...)', '--', '-v', 'b c');
    expect(all).toBe('2\t-v\tb c\n');
  });

  test('that raises ends with 1, its message and a traceback', async () => {
    const {code, stderr} = await cli.runText(
      'raise.lua',
      'local function deep()\n  error("boom")\nend\ndeep() deep = 1',
    );
    expect(stderr).toMatch(/^error: raise\.lua:2: boom\nstack traceback:\n[\s\S]*raise\.lua:4: in main chunk/);
    expect(code).toBe(1);
  });

  test('that calls os.exit ends with that code', async () => {
    expect((await cli.runText('exit.lua', 'os.exit(7)')).code).toBe(7);
    expect((await cli.runText('exit-true.lua', 'os.exit(true)')).code).toBe(0);
    expect((await cli.runText('exit-false.lua', 'os.exit(false)')).code).toBe(1);
  });

  test('whose goroutine fails uncaught ends with 1, and the others go on', async () => {
    const script =
      'go.spawn(function() error("lost") end) go.spawn(function() channel.sleep(0.05) print("went on") end)';
    const {code, stdout, stderr} = await cli.runText('uncaught.lua', script);
    expect(stdout).toBe('went on\n');
    expect(stderr).toContain('uncaught.lua:1: lost');
    expect(stderr).toContain('1 goroutine failed and nobody awaited it');
    expect(code).toBe(1);
  });

  test('with --fail-fast stops at the first uncaught error', async () => {
    const script = 'go.spawn(function() error("lost") end) channel.sleep(20) print("late")';
    const {code, stdout, ms} = await cli.runText('fail-fast.lua', script, '--fail-fast');
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(ms).toBeLessThan(10_000);
  });

  test('with --no-wait ends when its main chunk does', async () => {
    const script = 'go.spawn(function() channel.sleep(20) print("late") end) print("main")';
    const {code, stdout, ms} = await cli.runText('no-wait.lua', script, '--no-wait');
    expect({code, stdout}).toEqual({code: 0, stdout: 'main\n'});
    expect(ms).toBeLessThan(10_000);
  });

  test('that blocks for ever ends with 5 and says where', async () => {
    const {code, stderr, ms} = await cli.runText('deadlock.lua', 'local ch = channel.make()\nch:send("hello")\n');
    expect(stderr).toMatch(/deadlock/i);
    expect(stderr).toContain('deadlock.lua:2');
    expect(code).toBe(5);
    expect(ms).toBeLessThan(10_000);
  });

  test('that takes longer than --timeout ends with 124', async () => {
    const {code, stderr} = await cli.runText('endless.lua', 'while true do end', '--timeout', '300ms');
    expect(stderr).toContain('not done after 300ms');
    expect(code).toBe(124);
  });

  test('gives the same random numbers with the same --seed', async () => {
    const script = 'print(math.random(1 << 40)) go.spawn(function() print(math.random(1 << 40)) end)';
    const [first, second] = [
      await cli.runText('seed.lua', script, '--seed', '7'),
      await cli.runText('seed.lua', script, '--seed', '7'),
    ];
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout).toMatch(/^\d+\n\d+\n$/);
  });

  test('may start with a byte order mark and a line for the shell', async () => {
    const {code, stderr} = await cli.runText(
      'shebang.lua',
      '\ufeff#!/usr/bin/env -S sloth-runner run\nerror("line 2")',
    );
    expect(stderr).toContain('shebang.lua:2: line 2');
    expect(code).toBe(1);
  });
});

describe('a pipe', () => {
  test('may give the script on standard input', async () => {
    const {code, stdout} = await cli.shell('echo "print(...)" | sloth-runner run - -- a b');
    expect({code, stdout}).toEqual({code: 0, stdout: 'a\tb\n'});
  });

  test('that nobody reads any more is no error', async () => {
    cli.write('much-output.lua', 'for i = 1, 300000 do print(i) end');
    const {code, output} = await cli.shell('set -o pipefail; sloth-runner run much-output.lua | head -n 2');
    expect({code, output}).toEqual({code: 0, output: '1\n2\n'});
  });
});

describe('Ctrl-C', () => {
  test('cancels the script, whose defers still run, and ends with 130', async () => {
    const name = cli.write('ctrl-c.lua', 'defer(function() print("tidied") end) print("ready") channel.sleep(60)');
    const {code, stdout, stderr} = await cli.run(['run', name], (output, kill) => {
      if (output === 'ready\n') kill('SIGINT');
    });
    expect(stdout).toBe('ready\ntidied\n');
    expect(stderr).toContain('interrupted');
    expect(code).toBe(130);
  });

  test('ends it at once when it comes twice', async () => {
    const name = cli.write('twice.lua', 'defer(function() channel.sleep(60) end) print("ready") channel.sleep(60)');
    const {code, ms} = await cli.run(['run', name], (output, kill) => {
      if (output === 'ready\n') kill('SIGINT');
      else if (output.includes('once more')) kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(ms).toBeLessThan(10_000);
  });

  test('is answered the same as SIGTERM', async () => {
    const name = cli.write('term.lua', 'print("ready") while true do end');
    const {code} = await cli.run(['run', name], (output, kill) => {
      if (output === 'ready\n') kill('SIGTERM');
    });
    expect(code).toBe(130);
  });
});
