import {cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {Permissions, PluginLoader} from '../../lib/modules/index.js';
import {loadWorkflows} from '../../lib/task/index.js';
import {programsIn, root} from '../documents/page-programs.js';
import {CommandLine} from './command-line.js';

const examples = fileURLToPath(new URL('../../examples/plugins', import.meta.url));

/** A plugin of one function `f` and one method `m`, with changes. */
function plugin(cli: CommandLine, name: string, files: Readonly<Record<string, string | undefined>> = {}): void {
  const all: Record<string, string | undefined> = {
    'package.json': '{"type": "module", "sloth-runner": {"api": 1, "main": "./index.js", "methods": "./methods.lua"}}',
    'index.js': 'export const plugin = () => ({f: (x) => "f of " + x});',
    'methods.lua': 'local own = ... return {m = function(task, text) task:description(own.f(text)) end}',
    ...files,
  };
  for (const [file, text] of Object.entries(all)) {
    const path = join(cli.folder, 'plugins', name, file);
    mkdirSync(dirname(path), {recursive: true});
    if (text !== undefined) writeFileSync(path, text);
  }
}

const config = 'runner_config = {plugin_search_paths = {"plugins"}}\n';
const task = 'task("t"):command(function() end)';

async function errorOf(files: Readonly<Record<string, string | undefined>>, source?: string): Promise<string> {
  const cli = new CommandLine();
  plugin(cli, 'p', files);
  cli.write('t.sloth', source ?? `${config}local p = import("plugin:p") ${task}`);
  const {stderr, code} = await cli.run(['check', 't.sloth']);
  expect(code).not.toBe(0);
  return stderr;
}

describe('a plugin', () => {
  it('gives functions to a file and methods to its tasks, in both forms', async () => {
    const cli = new CommandLine();
    plugin(cli, 'p');
    cli.write(
      't.sloth',
      `${config}local p = import("plugin:p")
       assert(p == import("plugin:p"))
       task("a"):m("one"):command(function() print(p.f("a task")) end)
       task{name = "b", m = "two", command = function() print(p.f("another")) end}`,
    );
    const {stdout, code} = await cli.run(['run', 't.sloth', '--no-journal']);
    expect({code, lines: stdout.trim().split('\n').sort()}).toEqual({code: 0, lines: ['f of a task', 'f of another']});
    const list = await cli.run(['list', 't.sloth']);
    expect(list.stdout).toContain('f of one');
    expect(list.stdout).toContain('f of two');
  });

  it('of the examples runs', async () => {
    const cli = new CommandLine();
    cpSync(examples, cli.folder, {recursive: true});
    const {stdout, stderr, code} = await cli.run(['run', 'release.sloth', '--no-journal']);
    expect({code, stdout}).toEqual({code: 0, stdout: 'release.txt has 10 bytes\n'});
    expect(stderr).toContain('release.txt is small enough');
  });

  it('is found as the npm package sloth-plugin-NAME, and by the search paths of a config file', async () => {
    const cli = new CommandLine();
    plugin(cli, '../node_modules/sloth-plugin-p');
    cli.write('sloth.config.yaml', 'plugin_search_paths: [other, node_modules]\n');
    cli.write('t.sloth', 'local p = import("plugin:p") task("a"):command(function() end):m(p.f("x"))');
    expect(await cli.run(['check', 't.sloth'])).toMatchObject({code: 0});
  });

  it('may do what its manifest declares, of what the run allows', async () => {
    const cli = new CommandLine();
    const index = `export const plugin = ({permissions}) => ({
      async read(path) { return await permissions.checkPath('read', path) && 'read'; },
      net(host) { permissions.checkNet(host, 443); return 'talked'; },
    });`;
    const declared = '"capabilities": {"net": ["example.org"]}';
    plugin(cli, 'p', {
      'index.js': index,
      'package.json': `{"type": "module", "sloth-runner": {"api": 1, "main": "./index.js", ${declared}}}`,
    });
    cli.write(
      't.sloth',
      `${config}local p = import("plugin:p") task("t"):command(function()
         print(pcall(p.read, "t.sloth")) print(pcall(p.net, "example.org")) print(pcall(p.net, "other.org"))
       end)`,
    );
    const all = await cli.run(['run', 't.sloth', '--no-journal']);
    expect(all.stdout).toMatch(/^false\t.*plugin 'p': reading t.sloth needs the capability 'read' in its manifest/m);
    expect(all.stdout).toMatch(/^true\ttalked$/m);
    expect(all.stdout).toMatch(
      /^false\t.*plugin 'p': talking to other.org:443 needs the capability 'net' in its manifest/m,
    );
    const limited = await cli.run(['run', 't.sloth', '--no-journal', '--allow-exec']);
    expect(limited.stdout).toMatch(/^false\t.*talking to example.org:443 is not allowed: it needs --allow-net/m);
  });

  it('has no effects in check', async () => {
    const files = {
      'index.js': "export const plugin = ({permissions}) => ({f: async () => permissions.checkPath('write', 'x')});",
      'package.json':
        '{"type": "module", "sloth-runner": {"api": 1, "main": "./index.js", "capabilities": {"write": true}}}',
    };
    expect(await errorOf(files, `${config}import("plugin:p").f() ${task}`)).toContain(
      'writing x is an effect, and a file that is checked or planned has none',
    );
  });

  it('lets go of what it holds when the run is over', async () => {
    const cli = new CommandLine();
    plugin(cli, 'p', {
      'index.js':
        "import {writeFileSync} from 'node:fs'; export const plugin = ({onClose}) => { onClose(() => writeFileSync('closed', '')); return {f: () => ''}; };",
    });
    cli.write('t.sloth', `${config}import("plugin:p") ${task}`);
    await cli.run(['run', 't.sloth', '--no-journal']);
    expect(readFileSync(join(cli.folder, 'closed'), 'utf8')).toBe('');
  });
});

describe('the plugin of the page', () => {
  it('runs, piece by piece as it stands there', async () => {
    const cli = new CommandLine();
    const folder = join(cli.folder, 'plugins', 'sizes');
    const blocks = programsIn('docs/plugins.md');
    const text = (language: string, at = 0): string =>
      blocks.filter((block) => block.language === language)[at]?.text ?? `no block of ${language}`;
    mkdirSync(folder, {recursive: true});
    mkdirSync(join(cli.folder, 'node_modules'));
    symlinkSync(fileURLToPath(root), join(cli.folder, 'node_modules', 'sloth-runner'));
    writeFileSync(join(folder, 'package.json'), text('json'));
    writeFileSync(join(folder, 'index.js'), text('js'));
    writeFileSync(join(folder, 'methods.lua'), text('lua'));
    cli.write('release.sloth', text('sloth'));
    cli.write('program.mjs', text('js', 1));
    expect(blocks).toHaveLength(5);
    const {code, stdout} = await cli.run(['run', 'release.sloth', '--no-journal']);
    expect({code, stdout}).toEqual({code: 0, stdout: expect.stringMatching(/^release.tgz has \d+ bytes\n$/) as string});
    expect(await cli.shell(`'${process.execPath}' program.mjs`)).toMatchObject({code: 0, stdout: 'true\n'});
  });
});

describe('an error names the plugin and what is wrong:', () => {
  const manifest = (field: string): Readonly<Record<string, string>> => ({
    'package.json': `{"type": "module", "sloth-runner": ${field}}`,
  });

  it.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    ['a package.json that is none', {'package.json': '{'}, /plugin 'p': .*package\.json: .*JSON/],
    ['a package that is no plugin', {'package.json': '{}'}, /it has no 'sloth-runner', so it is no plugin/],
    ['another api', manifest('{"api": 2, "main": "./index.js"}'), /'sloth-runner\.api' must be 1/],
    ['an unknown key', manifest('{"api": 1, "mian": "x"}'), /'sloth-runner' has an unknown key 'mian'/],
    [
      'an unknown capability',
      manifest('{"api": 1, "main": "x", "capabilities": {"disk": true}}'),
      /unknown key 'disk'/,
    ],
    [
      'a capability that is none',
      manifest('{"api": 1, "main": "x", "capabilities": {"net": 5}}'),
      /capabilities\.net' must be true, false or a list/,
    ],
    ['nothing to load', manifest('{"api": 1}'), /needs 'main', 'methods' or both/],
    [
      'a main that is not there',
      manifest('{"api": 1, "main": "./gone.js"}'),
      /plugin 'p': .*gone\.js cannot be loaded/,
    ],
    ['a main that leads out', manifest('{"api": 1, "main": "../x.js"}'), /'\.\.\/x\.js' leads out of/],
    ['methods that are not there', manifest('{"api": 1, "methods": "./gone.lua"}'), /its methods cannot be read/],
    ['a main that raises', {'index.js': 'throw new Error("oh")'}, /index\.js cannot be loaded: oh/],
    ['no plugin among its exports', {'index.js': 'export const x = 1'}, /exports no 'plugin' made by definePlugin/],
    ['no functions', {'index.js': 'export const plugin = () => 5'}, /its code must answer an object of functions/],
    ['a field that is no function', {'index.js': 'export const plugin = () => ({f: 5})'}, /'f' is not a function/],
    ['methods that do not parse', {'methods.lua': 'return {'}, /plugin 'p': .*methods\.lua:1:/],
    ['methods that are no table', {'methods.lua': 'return 5'}, /must return a table of functions/],
    ['a method that is no function', {'methods.lua': 'return {m = 5}'}, /the method 'm' in .* is not a function/],
    [
      'a method that tasks have',
      {'methods.lua': 'return {command = print}'},
      /plugin 'p' cannot add the method 'command': tasks have it already/,
    ],
    [
      'a method that tasks have under an older name',
      {'methods.lua': 'return {run = print}'},
      /cannot add the method 'run'/,
    ],
  ])('%s', async (_, files, message) => {
    expect(await errorOf(files)).toMatch(message);
  });

  it('one that is nowhere, no name, search paths that are missing, plugins switched off', async () => {
    const source = (line: string): string => `${line} import("plugin:nowhere") ${task}`;
    expect(await errorOf({}, source(config))).toMatch(
      /t\.sloth:2: there is no plugin 'nowhere': looked for a package\.json in .*plugins\/nowhere, /,
    );
    expect(await errorOf({}, `${config}import("plugin:../x") ${task}`)).toContain("'../x' is no name of a plugin");
    expect(await errorOf({}, source(''))).toContain('runner_config.plugin_search_paths must list the folders');
    expect(await errorOf({}, source('runner_config = {plugin_search_paths = {5}}'))).toContain('must list the folders');
    expect(await errorOf({}, source('runner_config = {plugins_enabled = false}'))).toContain(
      'plugins_enabled is false',
    );
  });

  it('two that add the same method', async () => {
    const cli = new CommandLine();
    plugin(cli, 'p');
    plugin(cli, 'q');
    cli.write('t.sloth', `${config}import("plugin:p") import("plugin:q") ${task}`);
    const {stderr} = await cli.run(['check', 't.sloth']);
    expect(stderr).toContain("plugin 'q' cannot add the method 'm': plugin 'p' has added it");
  });

  it('a method called with a dot, and a method without its plugin', async () => {
    expect(await errorOf({}, `${config}import("plugin:p") ${task}.m("x")`)).toContain(
      "write ':m(...)' instead of '.m(...)'",
    );
    expect(await errorOf({}, `${task}:m("x")`)).toContain("unknown method 'm'");
  });
});

describe('PluginLoader', () => {
  it('loads plugins for files that a program runs', async () => {
    const cli = new CommandLine();
    plugin(cli, 'p');
    const path = join(cli.folder, 't.sloth');
    cli.write('t.sloth', `${config}local p = import("plugin:p") task("t"):command(function() return p.f(1) end)`);
    const plugins = new PluginLoader({permissions: new Permissions()});
    const workflows = await loadWorkflows(path, {plugins});
    const {workflows: results} = await workflows.run().result;
    await workflows.close();
    await plugins.close();
    expect(results[0]?.tasks[0]?.outcome).toMatchObject({kind: 'succeeded', value: 'f of 1'});
    await expect(loadWorkflows(path)).rejects.toThrow("plugin 'p' is not loaded: this program loads no plugins");
  });
});
