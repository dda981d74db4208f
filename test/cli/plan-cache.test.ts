import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const source = `
task("generate"):inputs("grammar.txt"):outputs("parser.txt"):command("tr a-z A-Z < grammar.txt > parser.txt")
task("compile"):depends_on("generate"):inputs("main.txt"):params({level = "debug"}):command("cat main.txt parser.txt")
task("stamp"):command("date")
task("report"):depends_on("compile", "stamp"):cache(true):command("echo done")
`;

interface Planned {
  readonly workflows: readonly {readonly cache: readonly Record<string, unknown>[]}[];
}

async function predictions(cli: CommandLine, ...args: string[]): Promise<readonly Record<string, unknown>[]> {
  const {stdout} = await cli.run(['plan', 'build.sloth', '--json', ...args]);
  return (JSON.parse(stdout) as Planned).workflows[0]?.cache ?? [];
}

function cliWithFiles(): CommandLine {
  const cli = new CommandLine();
  cli.write('build.sloth', source);
  cli.write('grammar.txt', 'grammar');
  cli.write('main.txt', 'main');
  return cli;
}

describe('plan', () => {
  const cli = cliWithFiles();

  it('tells before the first run that nothing is kept, and makes nothing', async () => {
    expect(await predictions(cli)).toEqual([
      {task: 'generate', kind: 'runs'},
      {task: 'compile', kind: 'open', on: 'generate'},
      {task: 'report', kind: 'open', on: 'compile'},
    ]);
    expect(existsSync(join(cli.folder, '.sloth'))).toBe(false);
  });

  it('predicts what the next run restores, what runs and because of what, and what is open', async () => {
    await cli.run(['run', 'build.sloth']);
    expect(await predictions(cli)).toEqual([
      {task: 'generate', kind: 'restored'},
      {task: 'compile', kind: 'restored'},
      {task: 'report', kind: 'open', on: 'stamp'},
    ]);
    const unchanged = await cli.run(['run', 'build.sloth']);
    expect(unchanged.stderr).toMatch(/generate {2}\\S+ {2}from the cache|generate.*from the cache/);
    expect(unchanged.stderr).toMatch(/compile.*from the cache/);
    cli.write('main.txt', 'changed');
    const text = await cli.run(['plan', 'build.sloth']);
    expect(text.stdout).toContain('generate: restored from the cache\n');
    expect(text.stdout).toContain('compile: runs, because of what changed: ~ input main.txt');
    expect(text.stdout).toContain("report: restored from the cache if what 'compile' gives has not changed");
    const dry = await cli.run(['run', 'build.sloth', '--dry-run', '--param', 'level=release']);
    // Parameters of the command line are given to every task.
    expect(dry.stdout).toContain('generate: runs, because of what changed: + parameter level was added');
    const changed = await cli.run(['run', 'build.sloth']);
    expect(changed.stderr).toMatch(/generate.*from the cache/);
    expect(changed.stderr).not.toMatch(/compile.*from the cache/);
  });

  it('changes nothing in the cache', async () => {
    const list = (): readonly string[] =>
      readdirSync(join(cli.folder, '.sloth/cache'), {recursive: true}).map(String).sort();
    const before = list();
    await predictions(cli);
    expect(list()).toEqual(before);
  });
});

describe('a config file', () => {
  it('may name its JSON Schema', async () => {
    const cli = new CommandLine();
    mkdirSync(cli.folder, {recursive: true});
    cli.write(
      't.sloth',
      'task("a"):command(function() print(utils.config("max_concurrency"), utils.config("$schema")) end)',
    );
    cli.write('sloth.config.yaml', '$schema: ./task-file.schema.json\nmax_concurrency: 3\n');
    const {stdout, code} = await cli.run(['run', 't.sloth', '--no-journal']);
    expect({stdout, code}).toEqual({stdout: '3\tnil\n', code: 0});
    cli.write('sloth.config.yaml', '$schema: 5\n');
    const wrong = await cli.run(['check', 't.sloth']);
    expect(wrong.stderr).toContain('sloth.config.yaml: $schema names a JSON Schema, so it must be a text');
    cli.write('sloth.config.yaml', '$schem: x\n');
    expect((await cli.run(['check', 't.sloth'])).stderr).toContain("unknown key '$schem'");
  });
});
