import {describe, expect, test} from 'vitest';
import {renderDiagnosis} from '../../lib/cli/doctor-command.js';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

describe('doctor', () => {
  test('tells what loads', async () => {
    const {code, stdout, stderr} = await cli.run(['doctor']);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).toMatch(/^sloth-runner +\d+\.\d+\.\d+\n/);
    expect(stdout).toMatch(
      /\nplatform +linux-\w+, glibc\nnode +\d+\.\d+\.\d+, Node-API \d+\nlua +Lua 5\.4\.\d+\nbinaries\n/,
    );
    expect(stdout).toMatch(/\n {2}loads {3}\/.*sloth_runner\.node\n$/);
  });

  test('tells what does not load, why, and the cure', async () => {
    const {code, output} = await cli.shell('SLOTH_RUNNER_BINARY=/nowhere/x.node sloth-runner doctor');
    expect(code).toBe(1);
    expect(output).toMatch(
      /lua +none: no native binary loads here\nbinaries\n {2}fails {3}\/nowhere\/x\.node: Cannot find module/,
    );
    expect(output).toContain('build-native');
  });

  test('lists every attempt', () => {
    const text = renderDiagnosis({
      platform: 'linux-x64',
      libc: 'musl',
      node: '22.0.0',
      nodeApi: 9,
      lua: 'Lua 5.4.7',
      attempts: [{path: '/a.node', reason: 'wrong ELF class'}, {path: '/b.node'}],
    });
    expect(text).toContain('  fails   /a.node: wrong ELF class\n  loads   /b.node\n');
  });
});
