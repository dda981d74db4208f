import {describe, expect, test} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

async function docs(...words: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await cli.run(['docs', ...words]);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  return stdout;
}

describe('docs', () => {
  test('alone lists the modules', async () => {
    expect(await docs()).toMatch(
      /^modules\n[\s\S]*\n {2}channel +\d+ functions\n[\s\S]*Lua's own\n[\s\S]*\n {2}string +\d+ /,
    );
  });

  test('of a module lists its functions', async () => {
    expect(await docs('mutex')).toMatch(/^mutex\n\n {2}mutex:lock +\S[\s\S]*mutex:unlock/);
  });

  test('of a function tells what it takes, returns and does', async () => {
    const text = await docs('channel.make');
    expect(text).toMatch(/^channel\.make\(\[n\] \[, options\]\)\n\nMakes a channel /);
    expect(text).toMatch(/\n {2}may switch +no\n/);
    expect(text).toContain('  print(ch:receive())');
  });

  test.each([
    ['mutex.lock', 'mutex:lock([timeout])'],
    ['mutex:lock', 'mutex:lock([timeout])'],
    ['goroutine.mutex', 'goroutine.mutex()'],
    ['defer', 'defer(f)'],
    ['_G.defer', 'defer(f)'],
    ['string.rep', 'string.rep(s, n [, separator])'],
  ])('knows %s', async (name, call) => {
    expect((await docs(name)).split('\n', 1)).toEqual([call]);
  });

  test('shows a function and a method of one name together', async () => {
    const text = await docs('channel.range');
    expect(text).toContain('channel.range(ch [, f])\n');
    expect(text).toContain('channel:range([f])\n');
    expect(await docs('channel:range')).not.toContain('channel.range(');
  });

  test("points to Lua's manual for Lua's own", async () => {
    expect(await docs('string.format')).toContain('https://www.lua.org/manual/5.4/manual.html#pdf-string.format');
  });

  test('--json prints the entries', async () => {
    const [entry, ...others] = JSON.parse(await docs('mutex.lock', '--json'));
    expect(entry).toMatchObject({module: 'mutex.method', name: 'lock', units: 'ms', maySwitch: 'if it has to wait'});
    expect(others).toEqual([]);
    expect(JSON.parse(await docs('--json')).length).toBeGreaterThan(150);
  });

  test('tells all to a reader that begins late', async () => {
    const all = await docs('--json');
    expect(all.length).toBeGreaterThan(2 ** 17); // more than a pipe holds
    const late = await cli.shell('sloth-runner docs --json | { sleep 0.3; cat; }');
    expect(late.stdout).toBe(all);
  });

  test.each([
    ['chanel.make', 'Did you mean channel.make?'],
    ['mutex.lok', 'Did you mean mutex.lock?'],
    ['gorutine', 'Did you mean goroutine?'],
    ['unlock', 'Did you mean rwmutex:unlock or mutex:unlock or'],
    ['xyzzy', 'sloth-runner docs lists the modules'],
  ])('does not know %s', async (name, hint) => {
    const {code, stdout, stderr} = await cli.run(['docs', name]);
    expect(stderr).toContain(hint);
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
  });
});
