import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

it('watch runs a file again when an input of its tasks changes, and ends at Ctrl-C', async () => {
  mkdirSync(join(line.folder, 'src'));
  line.write('src/a.txt', 'one');
  line.write('watch.sloth', 'task("show"):inputs({"src/*.txt"}):command("cat src/*.txt; echo")');
  const rounds = (output: string): number => output.split('waiting for changes').length - 1;
  let changed = false;
  const {code, stdout, stderr} = await line.run(['watch', 'watch.sloth'], (output, kill) => {
    if (rounds(output) === 1 && !changed) {
      changed = true;
      line.write('src/a.txt', 'two');
    }
    if (rounds(output) >= 2) kill('SIGINT');
  });
  expect(code).toBe(0);
  expect(stdout).toBe('one\ntwo\n');
  expect(stderr).toContain('watch: src/a.txt changed');
});
