import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeEach, describe, expect, it} from 'vitest';
import {CommandLine, type Finished, folderOfEachTest} from './command-line.js';

const line = new CommandLine();
const folder = folderOfEachTest(line);

function write(name: string, text: string): void {
  mkdirSync(join(folder(), name, '..'), {recursive: true});
  writeFileSync(join(folder(), name), text);
}

/** Runs a command in the folder of the test. */
function sloth(words: string): Promise<Finished> {
  return line.shell(`cd '${folder()}' && sloth-runner ${words}`);
}

const build = `
task("prepare"):command("echo prepared")
task("compile"):description("Build it"):depends_on("prepare"):command("test -e ok")
task("report"):depends_on("compile"):command(function(this, params, deps) return true, "reported" end)
`;

describe('resume', () => {
  it('goes on with a failed run: what succeeded does not run again', async () => {
    write('build.sloth', build);
    const first = await sloth('run build.sloth');
    expect(first.code).toBe(4);
    const [, id = ''] = /--resume (\S+)/.exec(first.stderr) ?? [];
    write('ok', '');
    const second = await sloth('run build.sloth --resume');
    expect(second.code).toBe(0);
    expect(second.stdout).toBe('');
    expect(second.stderr).toContain(`run ${id} goes on`);
    expect(second.stderr).toMatch(/≡ prepare {2}\S+ {2}finished before/);
    expect(second.stderr).toContain('2 succeeded, 1 finished before');
    const third = await sloth('resume');
    expect(third).toMatchObject({code: 2, stderr: expect.stringContaining('there is nothing to go on with') as string});
  });

  it('refuses a definition that changed since, names what changed, and takes it when told to', async () => {
    write('build.sloth', build);
    await sloth('run build.sloth');
    write('ok', '');
    write('build.sloth', build.replace('test -e ok', 'test -e ok && echo new'));
    const refused = await sloth('resume');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("task 'compile' changed. --with-current-code goes on");
    const taken = await sloth('resume --with-current-code');
    expect(taken).toMatchObject({code: 0, stdout: 'new\n'});
  });

  it('does not mind tasks that moved in their file, but code outside of tasks', async () => {
    write('build.sloth', build);
    await sloth('run build.sloth');
    write('build.sloth', `local unused = 1\n${build}`);
    const refused = await sloth('resume');
    expect(refused.stderr).toContain('code outside of the tasks changed in build.sloth');
  });

  it('--from takes over what came before and runs the rest again; --only and --rerun-failed likewise', async () => {
    write('ok', '');
    write('build.sloth', build);
    await sloth('run build.sloth');
    const from = await sloth('run build.sloth --from compile');
    expect(from.stderr).toContain('2 succeeded, 1 finished before');
    const only = await sloth('run build.sloth --only report');
    expect(only.stderr).toContain('1 succeeded, 2 finished before');
    rmSync(join(folder(), 'ok'));
    await sloth('run build.sloth');
    write('ok', '');
    const rerun = await sloth('run build.sloth --rerun-failed');
    expect(rerun.stderr).toContain('2 succeeded, 1 finished before');
    rmSync(join(folder(), 'ok'));
    await sloth('run build.sloth');
    const missing = await sloth('run build.sloth --only report');
    expect(missing.stderr).toContain("it needs 'compile', which did not succeed in run");
  });

  it('without a journal nothing is kept, and nothing can be gone on with', async () => {
    write('build.sloth', build);
    await sloth('run build.sloth --no-journal');
    expect(existsSync(join(folder(), '.sloth'))).toBe(false);
    const {code, stderr} = await sloth('run build.sloth --no-journal --resume');
    expect({code, stderr}).toEqual({
      code: 2,
      stderr: 'error: --resume needs the journal, which --no-journal leaves out\n',
    });
  });

  it('goes on with the params and values of the run', async () => {
    write('build.sloth', 'task("a"):params({p = "x"}):command("test -e ok && echo ${params.p} ${values.v}")');
    await sloth('run build.sloth --param p=given --set v=set');
    write('ok', '');
    expect((await sloth('resume')).stdout).toBe('given set\n');
    const {stderr} = await sloth('run build.sloth --resume --param p=other');
    expect(stderr).toContain('--resume goes on with the tasks, params and values the run was given');
  });

  it('a compensation that fails needs attention, and says so with its exit code', async () => {
    write(
      'build.sloth',
      `task("a"):saga({compensate = function() error("cannot undo") end}):command("true")
       task("b"):depends_on("a"):command("false")`,
    );
    const {code, stderr} = await sloth('run build.sloth');
    expect(code).toBe(6);
    expect(stderr).toContain('cannot undo');
    expect((await sloth('history')).stdout).toContain('needs attention');
  });
});

describe('the cache', () => {
  const cached = `
task("compile"):inputs({"src/*.c"}):outputs({"out/**"}):params({level = "debug"}):env({MODE = "x"})
    :command("mkdir -p out; echo compiling \${params.level}; cat src/*.c > out/program")
task("pack"):depends_on("compile"):inputs({"out/program"}):outputs({"pack.txt"}):cache({ttl = "1h"})
    :command("cp out/program pack.txt; echo packed")
`;

  beforeEach(() => {
    write('build.sloth', cached);
    write('src/a.c', 'a\n');
  });

  it('restores files and output of tasks whose inputs are the same', async () => {
    const first = await sloth('run build.sloth');
    expect(first).toMatchObject({code: 0, stdout: 'compiling debug\npacked\n'});
    rmSync(join(folder(), 'out'), {recursive: true});
    rmSync(join(folder(), 'pack.txt'));
    const second = await sloth('run build.sloth');
    expect(second.stdout).toBe('compiling debug\npacked\n');
    expect(second.stderr).toContain('2 cached');
    expect(readFileSync(join(folder(), 'pack.txt'), 'utf8')).toBe('a\n');
    expect((await sloth('why compile')).stdout).toBe(
      'compile did not run: nothing that its result is made from has changed\n',
    );
  });

  it('why tells what changed, one line each', async () => {
    await sloth('run build.sloth');
    expect((await sloth('why compile')).stdout).toBe('compile ran: no result of it had been kept\n');
    write('src/a.c', 'other\n');
    write('src/b.c', 'b\n');
    const {stdout} = await sloth('run build.sloth --param level=release');
    expect(stdout).toBe('compiling release\npacked\n');
    expect((await sloth('why compile')).stdout.split('\n')).toEqual([
      'compile ran, because of what changed:',
      '  ~ input src/a.c',
      '  + input src/b.c was added',
      '  ~ parameter level  "debug" → "release"',
      '',
    ]);
    expect((await sloth('why pack')).stdout).toContain('~ input out/program');
  });

  it('a task that fails is not kept', async () => {
    write('build.sloth', 'task("a"):inputs({"src/*.c"}):command("test -e ok")');
    expect((await sloth('run build.sloth')).code).toBe(4);
    write('ok', '');
    expect((await sloth('run build.sloth')).stderr).toContain('1 succeeded');
  });
});

describe('looking at task files and runs', () => {
  it('check tells everything that is wrong, and runs nothing', async () => {
    write(
      'build.sloth',
      'task("a"):depends_on("b"):command("echo ran")\ntask("c"):depends_on("d"):command("echo ran")',
    );
    const {code, stderr, stdout} = await sloth('check build.sloth');
    expect({code, stdout}).toEqual({code: 3, stdout: ''});
    expect(stderr).toContain("unknown task 'b'");
    expect(stderr).toContain("unknown task 'd'");
  });

  it('list, plan, graph and run --dry-run run nothing', async () => {
    write('build.sloth', build.replace('echo prepared', 'touch ran'));
    expect((await sloth('list build.sloth')).stdout).toContain('compile  Build it');
    const plan = await sloth('plan build.sloth compile');
    expect(plan.stdout).toContain('2 tasks');
    expect((await sloth('run build.sloth --dry-run')).stdout).toContain('3 tasks');
    for (const format of ['ascii', 'svg', 'mermaid', 'dot', 'json']) {
      const {code, stdout} = await sloth(`graph build.sloth --format ${format}`);
      expect(code).toBe(0);
      expect(stdout).toContain('compile');
    }
    expect(existsSync(join(folder(), 'ran'))).toBe(false);
    expect(existsSync(join(folder(), '.sloth'))).toBe(false);
  });

  it('plan, list and check print data, too', async () => {
    write('build.sloth', build);
    for (const command of ['plan', 'list', 'check']) {
      expect(JSON.parse((await sloth(`${command} build.sloth --json`)).stdout)).toMatchObject({version: 1});
    }
  });

  it('show tells when tasks ran, as text, SVG and data; graph marks how they went', async () => {
    write('build.sloth', build);
    await sloth('run build.sloth');
    const text = (await sloth('show')).stdout;
    expect(text).toMatch(/✓ prepare +█+/);
    expect(text).toMatch(/✗ compile +▒+ .*exit code 1/);
    expect((await sloth('show --format svg')).stdout).toMatch(/^<svg [\s\S]*compile[\s\S]*<\/svg>\n$/);
    expect(JSON.parse((await sloth('show --format json')).stdout)).toMatchObject({state: 'failed', version: 1});
    expect((await sloth('graph build.sloth')).stdout).toMatch(/✗ compile/);
    expect((await sloth('show 19990101')).stderr).toContain('no run is called 19990101');
  });

  it('--json prints every event as a line', async () => {
    write('ok', '');
    write('build.sloth', `${build}\nprint("from the top")`);
    const {stdout, code} = await sloth('run build.sloth --json');
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(events.every(({version, at}) => version === 1 && typeof at === 'number')).toBe(true);
    const kinds = events.map(({kind}) => kind);
    expect(kinds.filter((kind) => kind === 'task.succeeded')).toHaveLength(3);
    expect(events.find(({kind}) => kind === 'task.output')).toMatchObject({task: 'prepare', text: 'prepared\n'});
    expect(events.find(({kind}) => kind === 'output')).toMatchObject({text: 'from the top\n'});
  });

  it('secrets named in values are masked in output, messages, events and history', async () => {
    write('values.yaml', 'db: {password: hunter2-secret}\nsecrets: [db.password]\n');
    write(
      'build.sloth',
      `task("a"):command("echo it is \${values.db.password}")
       task("b"):depends_on("a"):command(function() print(values.db.password) return false, "no " .. values.db.password end)`,
    );
    const run = await sloth('run build.sloth --values values.yaml');
    expect(run.output).toContain('it is ***');
    expect(run.output).toContain('no ***');
    const json = await sloth('run build.sloth --values values.yaml --json');
    const shown = await sloth('show --format json');
    expect(run.output + json.output + shown.output).not.toContain('hunter2');
  });

  it('under GitHub Actions output is folded and failures are marked', async () => {
    write('build.sloth', build);
    const {stderr} = await line.shell(`cd '${folder()}' && GITHUB_ACTIONS=true sloth-runner run build.sloth`);
    expect(stderr).toContain('::group::prepare (output)\n');
    expect(stderr).toContain('::error title=task compile failed::the command ended with exit code 1\n');
  });
});
