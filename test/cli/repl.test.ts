import {describe, expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

async function enter(...lines: readonly string[]): Promise<{code: number | null; stdout: string; stderr: string}> {
  line.write('input.txt', `${lines.join('\n')}\n`);
  const {code, stdout, stderr} = await line.shell('sloth-runner repl < input.txt');
  return {code, stdout, stderr};
}

describe('repl', () => {
  it('shows the values of expressions, and keeps globals from line to line', async () => {
    const {code, stdout} = await enter('x = 20', 'x + 1', '"text", nil, {1, {a = "b"}, [true] = 2}', '{}');
    expect(stdout.split('\n')).toEqual(['21', '"text"\tnil\t{1, {a = "b"}, [true] = 2}', '{}', '']);
    expect(code).toBe(0);
  });

  it('has the standard modules, by their names and by require', async () => {
    const {stdout, code} = await enter(
      'strings.trim("  a ")',
      'require("strings") == strings',
      'exec.run({"echo", "hi"}).stdout',
    );
    expect(stdout.split('\n')).toEqual(['"a"', 'true', '"hi\\n"', '']);
    expect(code).toBe(0);
  });

  it('asks for more until a statement is whole', async () => {
    const {stdout, code} = await enter('function twice(n)', '  return 2 *', '    n', 'end', 'twice(4)', '[[a', 'b]]');
    expect(stdout).toBe('8\n"a\\nb"\n');
    expect(code).toBe(0);
  });

  it('shows tables that contain themselves, large ones, and values with a name of their own', async () => {
    const {stdout} = await enter(
      't = {} t.self = t',
      't',
      'l = {} for i = 1, 50 do l[i] = i end',
      '#l, l',
      'setmetatable({}, {__tostring = function() return "me" end})',
      'setmetatable({}, {__tostring = function() error("no") end})',
    );
    const [self, large, named, broken] = stdout.split('\n');
    expect(self).toBe('{self = {...}}');
    expect(large).toMatch(/^50\t\{1, 2, .*, 40, \.\.\. 10 more\}$/);
    expect(named).toBe('me');
    expect(broken).toBe('<table that cannot be shown>');
  });

  it('tells errors with their traceback, goes on, and ends with their code', async () => {
    const {stdout, stderr, code} = await enter('error("boom")', 'y = = 2', '1', 'error("last")');
    expect(stdout).toBe('1\n');
    expect(stderr).toContain('error: repl:1: boom\nstack traceback:');
    expect(stderr).toContain("error: repl:1: unexpected symbol near '='");
    expect(code).toBe(1);
  });

  it('goes on with the next line while goroutines of an earlier one run, and waits for them at the end', async () => {
    const {stdout, code} = await enter(
      'ch = channel.make()',
      'go.spawn(function() for v in ch:range() do print("got", v) end print("over") end) print("started")',
      'ch:send("a")',
      'ch:send("b") ch:close()',
    );
    // A goroutine may print before or after the line that woke it has returned.
    const printed = stdout.split('\n').filter((text) => text !== 'true');
    expect(printed).toEqual(['started', 'got\ta', 'got\tb', 'over', '']);
    expect(code).toBe(0);
  });

  it('tells of goroutines that wait for ever, and ends', async () => {
    const {stderr} = await enter('go.spawn(function() channel.make():receive() end) print("on")');
    expect(stderr).toMatch(/error: .*deadlock/);
  });

  it('ends where the script says, with its code', async () => {
    expect(await enter('os.exit(7)', 'print("never")')).toEqual({code: 7, stdout: '', stderr: ''});
  });

  it('says so when the input ends too early', async () => {
    const {stderr, code} = await enter('if true then');
    expect(stderr).toContain('the input ends in the middle of a statement');
    expect(code).toBe(3);
  });
});
