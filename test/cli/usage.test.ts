import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();
mkdirSync(join(cli.folder, 'folder.lua'));
cli.write('script.lua', 'print(1)');
cli.write('compiled.lua', Uint8Array.of(0x1b, 0x4c, 0x75, 0x61));

describe('wrong usage', () => {
  test.each([
    ['no command', [], 'Usage: sloth-runner'],
    ['an unknown command', ['rum', 'x.lua'], 'Did you mean run?'],
    ['no file', ['run'], "missing required argument 'file'"],
    ['an unknown flag', ['run', 'x.lua', '--wrokers', '3'], 'Did you mean --workers?'],
    ['no workers', ['run', 'x.lua', '--workers', '0'], 'from 1 to 1024'],
    ['a time that is none', ['run', 'x.lua', '--timeout', 'soon'], 'Give a duration'],
    ['a seed that is no integer', ['run', 'x.lua', '--seed', '1.5'], 'Give an integer'],
    ['arguments before --', ['run', 'script.lua', 'y'], 'whose arguments stand behind --'],
    ['a flag of task files for a script', ['run', 'script.lua', '--param', 'a=1'], '--param is for task files'],
    ['a choice there is not', ['graph', 'x.sloth', '--format', 'png'], 'ascii, svg, mermaid, dot, json'],
    ['no number of runs', ['history', '--limit', '0'], 'Give a positive number'],
    ['a folder without runs', ['show'], 'there is no run here'],
    ['a missing file', ['run', 'nowhere.lua'], 'nowhere.lua: no such file'],
    ['a directory', ['run', 'folder.lua'], 'folder.lua is a directory'],
    ['compiled Lua', ['run', 'compiled.lua'], 'compiled.lua is compiled Lua'],
  ])('ends with exit code 2: %s', async (_, args, message) => {
    const {code, stderr, stdout} = await cli.run(args);
    expect(stderr).toContain(message);
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
  });
});

describe('--help', () => {
  test('lists the commands and the exit codes', async () => {
    const {code, stdout} = await cli.run(['--help']);
    expect(stdout).toMatch(/run \[options\] <file> .*\n/);
    expect(stdout).toContain('124  the time of --timeout was over');
    expect(code).toBe(0);
  });

  test('of run explains its flags', async () => {
    const {code, stdout} = await cli.run(['run', '--help']);
    for (const flag of [
      '--workers',
      '--no-wait',
      '--fail-fast',
      '--explain',
      '--check-captures',
      '--isolated',
      '--seed',
      '--timeout',
    ]) {
      expect(stdout).toContain(flag);
    }
    expect(code).toBe(0);
  });
});

describe('--version', () => {
  test('names the program, Lua, Node.js and the platform', async () => {
    const {code, stdout} = await cli.run(['--version']);
    expect(stdout).toMatch(/^sloth-runner \d+\.\d+\.\d+\nLua 5\.4\.\d+.*\nNode\.js v\d.*\nlinux \w+\n$/);
    expect(code).toBe(0);
  });
});
