import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeEach, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

const top = mkdtempSync(join(tmpdir(), 'fs-'));
afterAll(() => rmSync(top, {recursive: true}));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(top, 'case-'));
});

/** Runs a script that finds the folder in `dir`. */
const values = (source: string, options: {permissions?: Permissions} = {}) =>
  valuesWithModules(`local dir = ... ${source}`, {args: [folder], ...options});
const error = (source: string, options: {permissions?: Permissions} = {}) =>
  errorWithModules(`local dir = ... ${source}`, {args: [folder], ...options});

describe('fs', () => {
  it('reads and writes bytes whole', async () => {
    const source =
      'local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end local text = table.concat(all) fs.write(dir .. "/a", text) return fs.read(dir .. "/a") == text';
    expect(await values(source)).toEqual([true]);
  });

  it('answers with what went wrong', async () => {
    const source = `
      local text, problem = fs.read(dir .. "/none")
      local ok, why = fs.write(dir .. "/no/where", "")
      local size, no_size = fs.size(dir .. "/none")
      return text, problem, ok, why, select("#", fs.rm(dir .. "/none")), size, no_size, fs.ls(dir .. "/none")`;
    const missing = (name: string) => `${folder}/${name}: no such file or directory`;
    expect(await values(source)).toEqual([
      undefined,
      missing('none'),
      false,
      missing('no/where'),
      2,
      undefined,
      missing('none'),
      undefined,
      missing('none'),
    ]);
  });

  it('replaces a file in one step, keeps its mode and what links lead to', async () => {
    writeFileSync(join(folder, 'real'), 'old', {mode: 0o640});
    symlinkSync('real', join(folder, 'link'));
    expect(await values('return fs.write(dir .. "/link", "new"), fs.stat(dir .. "/link").type')).toEqual([
      true,
      'link',
    ]);
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'real')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['link', 'real']);
  });

  it('makes, lists, copies, moves and removes', async () => {
    const source = `
      local done = {fs.mkdir(dir .. "/a/b"), fs.mkdir(dir .. "/a"), fs.append(dir .. "/a/b/f", "1"), fs.copy(dir .. "/a", dir .. "/c"),
        fs.move(dir .. "/c/b/f", dir .. "/g"), fs.rename(dir .. "/g", dir .. "/h"), fs.rm(dir .. "/h"), fs.rm(dir .. "/c/b")}
      local kept, why = fs.remove(dir .. "/a")
      return #done, kept, why, fs.ls(dir), fs.list(dir .. "/a"), fs.rmr(dir .. "/a"), fs.rm_r(dir .. "/a"), fs.exists(dir .. "/a")`;
    expect(await values(source)).toEqual([
      8,
      false,
      `${folder}/a: the directory is not empty`,
      ['a', 'c'],
      ['b'],
      true,
      true,
      false,
    ]);
  });

  it('removes links, never what they lead to', async () => {
    mkdirSync(join(folder, 'kept'));
    writeFileSync(join(folder, 'kept/x'), '');
    symlinkSync(join(folder, 'kept'), join(folder, 'link'));
    expect(await values('return fs.rm_r(dir .. "/link"), fs.exists(dir .. "/kept/x")')).toEqual([true, true]);
  });

  it('does not remove what the program stands in', async () => {
    for (const path of ['"/"', '"."', '".."'])
      expect(await error(`fs.rm_r(${path})`)).toContain('is not removed: the program runs in it');
  });

  it('knows paths', async () => {
    const source = `return fs.basename("/a/b.c"), fs.basename("/a/b/"), fs.basename("/"), fs.basename("b.c", ".c"), fs.dirname("/a"), fs.dirname("a/b/"),
      fs.dirname("/"), fs.join("/", "..", "a"), fs.join("a", "..", ".."), fs.join(), fs.join("a//b", "", "./c")`;
    expect(await values(source)).toEqual(['b.c', 'b', '/', 'b', '/', 'a', '/', '/a', '..', '.', 'a/b/c']);
  });

  it('finds files by patterns, inside the directory only', async () => {
    for (const name of ['a.lua', 'b.txt', '.hidden.lua']) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'sub/deep'), {recursive: true});
    writeFileSync(join(folder, 'sub/deep/c.lua'), '');
    const source =
      'return fs.glob("**/*.lua", {dir = dir}), fs.glob("*.{lua,txt}", {dir = dir, hidden = true}), fs.glob("*.lua", {dir = dir .. "/none"})';
    expect(await values(source)).toEqual([
      ['a.lua', 'sub/deep/c.lua'],
      ['.hidden.lua', 'a.lua', 'b.txt'],
      undefined,
      `${folder}/none: no such file or directory`,
    ]);
    expect(await error('fs.glob("../*", {dir = dir})')).toContain('does not leave it');
  });

  it('walks, and stops where the loop does', async () => {
    mkdirSync(join(folder, 'a/b'), {recursive: true});
    writeFileSync(join(folder, 'a/f'), '');
    const source = `
      local seen = {}
      for path, type in fs.walk(dir) do seen[#seen + 1] = path:sub(#dir + 2) .. " " .. type end
      table.sort(seen)
      for path in fs.walk(dir) do break end
      return seen, pcall(fs.walk, dir .. "/a/f")`;
    const [seen, ok, problem] = await values(source);
    expect(seen).toEqual(['a directory', 'a/b directory', 'a/f file']);
    expect([ok, problem]).toEqual([false, expect.stringContaining('/a/f: it is not a directory')]);
  });

  it('reads lines without loading the file', async () => {
    writeFileSync(join(folder, 'lines'), `${'x'.repeat(100_000)}\n\nlast`);
    const source = `
      local lengths = {}
      for line in fs.lines(dir .. "/lines") do lengths[#lengths + 1] = #line end
      return lengths, pcall(fs.lines, dir .. "/none")`;
    expect(await values(source)).toEqual([
      [100_000, 0, 4],
      false,
      `script:4: ${folder}/none: no such file or directory`,
    ]);
  });

  it('watches until it is told to stop', async () => {
    const source = `
      local watcher = fs.watch(dir)
      fs.write(dir .. "/new", "1")
      local event = watcher.events:receive()
      watcher:close()
      local rest = 0
      for _ in watcher.events:range() do rest = rest + 1 end
      return event.type, fs.basename(event.path)`;
    expect(await values(source)).toEqual(['add', 'new']);
  });

  it('is used from a hundred goroutines at once, and in pcall', async () => {
    const body = `local dir = "${folder}" fs.write(dir .. "/one", ("x"):rep(1000 + i)) return #fs.read(dir .. "/one") > 1000`;
    expect(await valuesWithModules(hundredTimes(body))).toEqual([Array(100).fill(true)]);
    expect(readdirSync(folder)).toEqual(['one']);
    expect(await values('return pcall(fs.exists, dir)')).toEqual([true, true]);
  });

  it.each([
    ['fs.read({})', "bad argument #1 to 'fs.read' (string expected, got table)"],
    ['fs.write("a")', "bad argument #2 to 'fs.write' (string expected, got no value)"],
    ['fs.read("a\\0b")', 'a path cannot contain a zero byte'],
    ['fs.write(dir .. "/a", "", {mod = 1})', "there is no option 'mod'; did you mean 'mode'?"],
    ['fs.write(dir .. "/a", "", {mode = "x"})', "option 'mode': integer expected, got string"],
    ['fs.tmpname("a/b")', 'prefix: a part of a name expected, without slashes'],
  ])('refuses %s', async (source, message) => {
    expect(await error(source)).toBe(`script:1: ${message}`);
  });
});

describe('permission to use files', () => {
  const below = () => ({permissions: new Permissions({read: [`${folder}/open`], write: [`${folder}/open`]})});
  beforeEach(() => {
    mkdirSync(join(folder, 'open'));
    writeFileSync(join(folder, 'secret'), 'secret');
    symlinkSync('../secret', join(folder, 'open/link'));
    symlinkSync('..', join(folder, 'open/up'));
  });

  it('holds below a directory', async () => {
    expect(await values('return fs.write(dir .. "/open/a", "1"), fs.read(dir .. "/open/a")', below())).toEqual([
      true,
      '1',
    ]);
  });

  it.each([
    'fs.read(dir .. "/secret")',
    'fs.read(dir .. "/open/../secret")',
    'fs.read(dir .. "/open/link")',
    'fs.read(dir .. "/open/up/secret")',
    'fs.write(dir .. "/open/link", "")',
    'fs.append(dir .. "/open/up/new", "")',
    'fs.copy(dir .. "/secret", dir .. "/open/a")',
    'fs.move(dir .. "/secret", dir .. "/open/a")',
    'fs.symlink(dir .. "/secret", dir .. "/open/own")',
    'fs.ls(dir .. "/open/up")',
    'fs.walk(dir)',
    'fs.lines(dir .. "/open/link")',
    'fs.stat(dir .. "/secret")',
    'fs.glob("*", {dir = dir})',
    'fs.rm_r(dir .. "/open/up/secret")',
    'fs.tmpdir()',
  ])('refuses %s and names the flag', async (source) => {
    expect(await error(source, below())).toMatch(
      /^script:1: .* is not allowed: it needs --allow-(read|write) or --allow-(read|write)=\//,
    );
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
  });

  it('lets a link itself be removed', async () => {
    expect(await values('return fs.rm(dir .. "/open/link"), fs.rm_r(dir .. "/open/up")', below())).toEqual([
      true,
      true,
    ]);
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
  });
});
