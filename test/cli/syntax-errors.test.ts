import {describe, expect, test} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

async function errorOf(name: string, source: string): Promise<string> {
  const {code, stderr, stdout} = await cli.runText(name, source);
  expect({code, stdout}).toEqual({code: 3, stdout: ''});
  return stderr;
}

describe('a syntax error', () => {
  test('shows the line with a caret under the token', async () => {
    expect(await errorOf('end.lua', 'print("not run")\nlocal list = {"append", end')).toBe(
      [
        "error: end.lua:2: unexpected symbol near 'end'",
        '  2 | local list = {"append", end',
        '    |                         ^^^',
        '',
      ].join('\n'),
    );
  });

  test('keeps tabs, so that the caret stands under the token', async () => {
    expect(await errorOf('tab.lua', '\tx = )')).toContain('  1 | \tx = )\n    | \t    ^\n');
  });

  test('at the end of the file points behind the last line', async () => {
    const shown = await errorOf('eof.lua', 'for i = 1, 3 do');
    expect(shown).toContain('near <eof>');
    expect(shown).toContain('  1 | for i = 1, 3 do\n    |                ^\n');
  });

  test.each([
    ['a body', 'local h = goroutine.async(function() ... end)', "unexpected symbol near '...'"],
    [
      'a table',
      'f(function()\n  return {artifacts = {...}}\nend)',
      "cannot use '...' outside a vararg function near '...'",
    ],
  ])('at a placeholder for %s says that it is one', async (_, source, message) => {
    const shown = await errorOf('placeholder.lua', source);
    expect(shown).toContain(message);
    expect(shown).toMatch(/\n +\| +\^\^\^\nhint: `\.\.\.` stands for code here/);
  });

  test('in a task file is shown the same way', async () => {
    const shown = await errorOf('broken.sloth', 'task("a"):command(function()\n  return (\nend)\n');
    expect(shown).toContain("broken.sloth:3: unexpected symbol near 'end'\n  3 | end)\n    | ^^^\n");
  });
});
