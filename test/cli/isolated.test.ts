import {describe, expect, test} from 'vitest';
import {CommandLine} from './command-line.js';

const shell = new CommandLine();

describe('run --isolated', () => {
  test('runs what needs no sharing, each goroutine on an island of its own', async () => {
    shell.write('apart.lua', 'print(select(2, goroutine.async(function(n) return n * 2 end, 21):await()))\n');
    expect(await shell.run(['run', '--isolated', 'apart.lua'])).toMatchObject({code: 0, output: '42\n'});
  });

  test.each([
    ['assigns a captured local', 'local n = 0\ngo.spawn(function()\n  n = n + 1\nend)', /assigns 'n'.*:3|'n'.*:3/],
    [
      'reads what may still be assigned',
      'local ready = false\ngo.spawn(function()\n  print(ready)\nend)\nready = true',
      /'ready'.*:(?:3|5)/,
    ],
    ['stores into a captured table', 'local t = {}\ngo.spawn(function()\n  t[#t + 1] = 1 print(#t)\nend)', /'t'.*:3/],
  ])('stops where a goroutine %s, with variable and line', async (_, source, named) => {
    shell.write('shared.lua', source);
    const {code, stderr} = await shell.run(['run', '--isolated', 'shared.lua']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/shared\.lua:2: this function cannot run in parallel/);
    expect(stderr).toMatch(named);
    expect((await shell.run(['run', 'shared.lua'])).code).toBe(0);
  });
});
