import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, it} from 'vitest';
import {findNotes} from '../../lib/cli/migration/find-notes.js';
import {noteGroups} from '../../lib/cli/migration/notes.js';
import {allFunctions} from '../../lib/cli/reference/all-functions.js';
import {spellingOf} from '../../lib/cli/reference/catalogue.js';
import {taskAliases, taskKeys} from '../../lib/task/schema/task-keys.js';
import {unsupportedKeys} from '../../lib/task/schema/unsupported.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
afterAll(() => rmSync(folder, {recursive: true}));

function migrate(source: string, ...words: string[]) {
  const path = join(folder, 'old.sloth');
  writeFileSync(path, source);
  const {status, stdout, stderr} = spawnSync(process.execPath, [main, 'check', '--migrate', ...words, path], {
    encoding: 'utf8',
  });
  return {status, stdout: stdout.replaceAll(`${folder}/`, ''), stderr};
}

describe('check --migrate', () => {
  it('tells line by line what is different, and runs nothing', () => {
    const source = `os.exit(9)
local t = task("a")
  :depends_on({"b"}) -- :delegate_to is in a comment
  :delegate_to("agent") :build()
local s = "goroutine.spawn in a text" .. strings.is_email(x)
--[==[ unpack(t)
]==] unpack(t)
local env = setfenv (1, {})
http . get(url)
`;
    expect(migrate(source)).toEqual({
      status: 0,
      stderr: '',
      stdout: `old.sloth:3: :depends_on: it holds: order, skipping and \`deps\`
old.sloth:4: :delegate_to: gone; instead: there are no agents; run the command through ssh
old.sloth:5: strings.is_email: gone; instead: regex.test(text, "^[^@ ]+@[^@ ]+$")
old.sloth:7: unpack: table.unpack; task files have both
old.sloth:8: setfenv: gone; instead: the fourth argument of load, or a local _ENV
old.sloth:9: http.get: the second argument is a table of options, \`headers\` one of them; \`status\` is a number
old.sloth: 3 different, 3 gone
`,
    });
  });

  it('says so when there is nothing, and gives data', () => {
    expect(migrate('print(1)')).toMatchObject({
      status: 0,
      stdout: 'old.sloth: no name in it is listed as different or gone\n',
    });
    const {stdout} = migrate('getfenv()', '--json');
    expect(JSON.parse(stdout)).toMatchObject({version: 1, notes: [{name: 'getfenv', line: 1, kind: 'gone'}]});
  });

  it('says that a file is missing', () => {
    const ended = spawnSync(process.execPath, [main, 'check', '--migrate', '/no/such.lua'], {encoding: 'utf8'});
    expect(ended).toMatchObject({status: 2, stderr: 'error: /no/such.lua: no such file or directory\n'});
  });

  it('reads whatever text there is', () => {
    for (const source of [
      '"',
      "'\\",
      '[==[',
      '--[[',
      '',
      '"a\nunpack(x)',
      'x = [=[ ]] unpack() ]=] unpack()',
      '\u0000(',
    ])
      findNotes(source);
    expect(findNotes('"a\nunpack(x)')).toMatchObject([{name: 'unpack', line: 2}]);
    expect(findNotes('x = [=[ ]] unpack() ]=] unpack()')).toHaveLength(1);
  });
});

describe('the notes', () => {
  const functions = new Set(allFunctions().map(spellingOf));
  const groups = noteGroups.map((group) => ({title: group.title, group}));
  const inModule = (name: string): boolean =>
    /^[a-z]\w*\.[\w.]+$/.test(name) && !/^(this|params|workflow|saga|task|rollback|math\.(pi|e|phi)$)\b/.test(name);
  const ofTaskFiles = ['table.getn', 'table.maxn', 'string.gfind', 'math.mod'];

  it.each(groups)('$title: what is the same or different is there', ({group}) => {
    const kept = [...group.same, ...group.notes.filter(({kind}) => kind === 'different').map(({name}) => name)];
    const missing = kept.filter((name) => inModule(name) && !functions.has(name) && !ofTaskFiles.includes(name));
    expect(missing).toEqual([]);
  });

  it.each(groups)('$title: what is gone is not there', ({group}) => {
    const names = group.notes.filter(({kind}) => kind === 'gone').map(({name}) => name);
    expect(names.filter((name) => functions.has(name))).toEqual([]);
  });

  it('the methods of tasks are there, and those that are gone are refused', () => {
    const known = new Set([...Object.keys(taskKeys), ...Object.keys(taskAliases), 'build']);
    const tasks = noteGroups.find(({title}) => title === 'Tasks and workflows');
    const methods = (names: readonly string[]) =>
      names.filter((name) => name.startsWith(':')).map((name) => name.slice(1));
    const kept = methods([
      ...(tasks?.same ?? []),
      ...(tasks?.notes ?? []).filter(({kind}) => kind === 'different').map(({name}) => name),
    ]);
    expect(kept.filter((name) => !known.has(name))).toEqual([]);
    const lost = methods((tasks?.notes ?? []).filter(({kind}) => kind === 'gone').map(({name}) => name));
    expect(lost.filter((name) => !unsupportedKeys.some((entry) => entry.path === name))).toEqual([]);
  });

  it('no name stands twice', () => {
    const names = noteGroups.flatMap((group) => [...group.same, ...group.notes.map(({name}) => name)]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('the globals of task files are there, and those that are gone are not', () => {
    const globals = noteGroups
      .flatMap((group) => group.notes)
      .filter(({name}) => /^[A-Za-z]\w*$/.test(name) && name !== 'runner_config'); // which a file assigns
    const source = `for name in ("${globals.map(({name}) => name).join(' ')}"):gmatch("%S+") do print(name, _G[name] ~= nil) end task("x"):command("true")`;
    writeFileSync(join(folder, 'globals.sloth'), source);
    const {stdout} = spawnSync(process.execPath, [main, 'run', '--no-journal', join(folder, 'globals.sloth')], {
      encoding: 'utf8',
      cwd: folder,
    });
    const there = new Set([...stdout.matchAll(/^(\w+)\ttrue$/gm)].map(([, name]) => name));
    const wrong = globals.filter(({name, kind}) => there.has(name) === (kind === 'gone')).map(({name}) => name);
    expect(wrong).toEqual([]);
  });
});
