import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

it('init writes a task file that runs, and editor settings that lead to the declarations', async () => {
  const made = await line.run(['init', 'fresh']);
  expect(made.code).toBe(0);
  const settings = JSON.parse(readFileSync(join(line.folder, 'fresh/.luarc.json'), 'utf8')) as Record<string, string[]>;
  const [library = ''] = settings['workspace.library'] ?? [];
  expect(existsSync(join(library, 'channel.lua'))).toBe(true);
  const ran = await line.shell('cd fresh && sloth-runner run build.sloth');
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain('built: put your build here');
  expect(ran.stdout).toBe('done\n');
});

it('init leaves alone what is there', async () => {
  line.write('build.sloth', 'task("mine"):command("true")');
  const {code, stderr} = await line.run(['init']);
  expect(code).toBe(0);
  expect(stderr).toContain('build.sloth is there already');
  expect(readFileSync(join(line.folder, 'build.sloth'), 'utf8')).toBe('task("mine"):command("true")');
});

it('init says why it cannot write', async () => {
  line.write('file', '');
  const {code, stderr} = await line.run(['init', 'file/below']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: .*file/);
});
