import {readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {beforeEach, describe, expect, it} from 'vitest';
import {declarations} from '../../lib/modules/declarations.js';
import {loadWorkflows} from '../../lib/task/index.js';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

/** What changes something outside of Lua, by the module or library that does it. */
const effects: Readonly<Record<string, readonly string[]>> = {
  exec: ['exec.run("touch made")', 'exec.run({"touch", "made"})', 'exec.start({"touch", "made"})'],
  file_ops: ['file_ops.copy{src = "kept", dest = "made"}', 'file_ops.lineinfile{path = "kept", line = "x"}'],
  fs: ['fs.write("made", "1")', 'fs.mkdir("made")', 'fs.rm("kept")', 'fs.append("kept", "1")'],
  http: ['http.get("http://127.0.0.1:9/")', 'http.serve{handler = function() end}'],
  io: [
    'io.open("made", "w")',
    'io.open("kept", "a")',
    'io.open("kept", "r+")',
    'io.popen("touch made")',
    'io.output("made")',
    'io.tmpfile()',
  ],
  llm: ['llm.generate{prompt = "x", url = "http://127.0.0.1:9/"}'],
  net: [
    'net.http_get("http://127.0.0.1:9/")',
    'net.http_post("http://127.0.0.1:9/", "x")',
    'net.download("http://127.0.0.1:9/", "made")',
  ],
  os: ['os.execute("touch made")', 'os.remove("kept")', 'os.rename("kept", "made")', 'os.tmpname()'],
  state: ['state.set("made", 1)', 'state.delete("made")', 'state.increment("made")'],
  workdir: ['workdir.create()'],
};

/** Modules that change nothing outside of Lua at load time: they compute, look, or need what only a running task has. */
const harmless = new Set([
  ...[
    'async',
    'crypto',
    'data',
    'env',
    'error',
    'event',
    'flow',
    'math',
    'metrics',
    'notifications',
    'perf',
    'regex',
    'reliability',
  ],
  ...['stack', 'strings', 'template', 'time', 'tools', 'utils', 'validate', 'watcher'],
]);

const tasks = 'task("a"):command("true")';

beforeEach(() => {
  for (const name of readdirSync(cli.folder)) rmSync(join(cli.folder, name), {recursive: true});
  cli.write('kept', 'kept\n');
});

function folder(): readonly string[] {
  return readdirSync(cli.folder).sort();
}

it('each module is known to have effects or none', () => {
  const known = new Set([...Object.keys(effects), ...harmless]);
  expect(declarations.map(({name}) => name).filter((name) => !known.has(name))).toEqual([]);
});

describe.concurrent('an effect of', () => {
  // Each call is caught, so that what one refuses cannot hide what the next does.
  const source = (calls: readonly string[]): string =>
    calls.map((call) => `print(pcall(function() local result = ${call} return result end))\n`).join('') + tasks;
  const refused =
    /^false\t.*\.sloth:\d+: .*(is an effect|has an effect), and a file that is checked or planned has none; put it into a task/;

  it.each(Object.entries(effects))('%s raises in check and plan', async (name, calls) => {
    const own = new CommandLine();
    own.write('kept', 'kept\n');
    own.write('file.sloth', source(calls));
    for (const command of ['check', 'plan']) {
      const {stdout, code} = await own.run([command, 'file.sloth']);
      const answers = stdout.split('\n').slice(0, calls.length);
      expect(
        answers.filter((answer) => !refused.test(answer)),
        name,
      ).toEqual([]);
      expect(code).toBe(0);
    }
    expect(readdirSync(own.folder).sort()).toEqual(['file.sloth', 'kept']);
    expect(readFileSync(join(own.folder, 'kept'), 'utf8')).toBe('kept\n');
  });
});

describe('an effect while a file is read', () => {
  it('is an error of check with its line, and happens once in a run', async () => {
    const source = `local f = io.open("made", "a")\nf:write("once\\n")\nf:close()\nexec.run("echo once >> made")\n${tasks}`;
    cli.write('file.sloth', source);
    const checked = await cli.run(['check', 'file.sloth']);
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain("error: file.sloth:1: io.open with the mode 'a' has an effect");
    const dry = await cli.run(['run', 'file.sloth', '--dry-run']);
    expect(dry.stderr).toContain("file.sloth:1: io.open with the mode 'a' has an effect");
    expect(folder()).toEqual(['file.sloth', 'kept']);
    const run = await cli.run(['run', 'file.sloth', '--no-journal']);
    expect(run.code).toBe(0);
    expect(readFileSync(join(cli.folder, 'made'), 'utf8')).toBe('once\nonce\n');
  });

  it('reading, printing and looking at the environment and at state are none', async () => {
    const source = `local f = io.open("kept") print(f:read("a"), fs.read("kept"), env.get("HOME") ~= nil, state.get("x")) f:close() ${tasks}`;
    cli.write('file.sloth', source);
    const {code, stdout} = await cli.run(['check', 'file.sloth']);
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringContaining('kept') as string});
    expect(folder()).toEqual(['file.sloth', 'kept']);
  });

  it('is refused in goroutines, imports and modules of the file, too', async () => {
    cli.write('other.sloth', 'print(pcall(os.remove, "kept"))');
    cli.write('mod.lua', 'print(pcall(os.remove, "kept")) return {}');
    cli.write(
      'file.sloth',
      `goroutine.await(goroutine.spawn(function() print(pcall(os.remove, "kept")) end)) import("other.sloth") require("mod") ${tasks}`,
    );
    const {stdout} = await cli.run(['check', 'file.sloth']);
    expect(stdout.match(/^false\tos.remove has an effect/gm)).toHaveLength(3);
    expect(folder()).toContain('kept');
  });

  it('is refused by loadWorkflows where a program asks for that', async () => {
    const source = `os.remove("kept") ${tasks}`;
    await expect(loadWorkflows('x.sloth', {source, onlyDescribes: true})).rejects.toThrow(/os\.remove has an effect/);
  });
});
