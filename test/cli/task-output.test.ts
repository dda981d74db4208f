import {describe, expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

interface Line {
  readonly kind: string;
  readonly task?: string;
  readonly stream?: string;
  readonly text?: string;
}

async function eventsOf(name: string, source: string, ...args: string[]): Promise<readonly Line[]> {
  const {stdout} = await cli.runText(name, source, '--json', '--no-journal', ...args);
  return stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
}

function textOf(lines: readonly Line[], task: string, stream: string): string {
  const own = lines.filter((line) => line.kind === 'task.output' && line.task === task && line.stream === stream);
  return own.map(({text}) => text).join('');
}

describe('what Lua code writes in a task is its output', () => {
  it('by print, io, coroutines, goroutines, commands, warnings and the log', async () => {
    const lines = await eventsOf(
      'every.sloth',
      `task("a"):command(function()
         print("print")
         io.write("write\\n")
         io.stdout:write("stdout\\n")
         coroutine.wrap(function() print("coroutine") end)()
         os.execute("echo execute; echo complaint >&2")
         goroutine.await(goroutine.spawn(function() print("goroutine") end))
         io.stderr:write("stderr\\n")
         warn("@on") warn("warning")
         log.info("logged")
       end)`,
    );
    expect(textOf(lines, 'a', 'stdout')).toBe('print\nwrite\nstdout\ncoroutine\nexecute\ngoroutine\n');
    expect(textOf(lines, 'a', 'stderr')).toMatch(/^complaint\nstderr\nLua warning: warning\n.* INFO {2}logged\n$/);
    expect(lines.filter(({kind}) => kind === 'output')).toEqual([]);
  });

  it('each its own while several run at once', async () => {
    const lines = await eventsOf(
      'several.sloth',
      `for n = 1, 4 do
         task("t" .. n):command(function(this)
           for i = 1, 50 do
             goroutine.spawn(function() print(this.name, i) end)
             print(this.name, 0)
             goroutine.sleep(0)
           end
         end)
       end`,
    );
    for (const name of ['t1', 't2', 't3', 't4']) {
      const written = textOf(lines, name, 'stdout').trimEnd().split('\n');
      expect(written).toHaveLength(100);
      expect(new Set(written.map((text) => text.split('\t')[0]))).toEqual(new Set([name]));
    }
  });

  it('also what its guards and hooks write; what the file and hooks of the workflow write is nobody’s', async () => {
    const lines = await eventsOf(
      'hooks.sloth',
      `print("loading")
       task("a")
         :run_if(function() print("guard") return true end)
         :pre_hook(function() print("before") end)
         :command(function() print("body") end)
         :on_success(function() print("after") end)
       workflow.define("w", {tasks = {"a"}, on_complete = function() print("complete") end})`,
    );
    expect(textOf(lines, 'a', 'stdout')).toBe('guard\nbefore\nbody\nafter\n');
    expect(lines.filter(({kind}) => kind === 'output').map(({text}) => text)).toEqual(['loading\n', 'complete\n']);
  });

  it('stays together in grouped output, under the name of its task', async () => {
    const body = 'function(this) for i = 1, 40 do print(this.name) goroutine.sleep(0) end end';
    const {stdout, stderr} = await cli.runText(
      'grouped.sloth',
      `task("a"):command(${body}) task("b"):command(${body})`,
      '--no-journal',
      '--output',
      'grouped',
    );
    expect(stdout).toMatch(/^((a\n){40}(b\n){40}|(b\n){40}(a\n){40})$/);
    expect(stderr).toContain('┌ a');
  });

  it('is kept with a cached result and comes back with it', async () => {
    const source = `
      runner_config = {optimization_level = "advanced"}
      task("a"):inputs("in.txt"):command(function()
        print("worked")
        os.execute("echo by hand")
        return {n = 1}
      end)`;
    cli.write('in.txt', '1');
    const first = await cli.runText('cached.sloth', source);
    const second = await cli.run(['run', 'cached.sloth']);
    expect(first.stderr).not.toContain('from the cache');
    expect(second.stderr).toContain('from the cache');
    expect([first.stdout, second.stdout]).toEqual(['worked\nby hand\n', 'worked\nby hand\n']);
  });

  it('a reader that goes away ends the run without a word', async () => {
    cli.write('endless.sloth', 'task("a"):command(function() for i = 1, 1e9 do print("line", i) end end)');
    const {code, output} = await cli.shell(
      'sloth-runner run endless.sloth --no-journal --output plain 2>/dev/null | head -n 1',
    );
    expect({code, output}).toEqual({code: 0, output: 'line\t1\n'});
  });
});

describe('os.execute in a script', () => {
  it('has the streams of the process', async () => {
    const {stdout, stderr, code} = await cli.runText(
      'execute.lua',
      'io.write("before ") print(os.execute("echo out; echo err >&2; exit 3"))',
    );
    expect({stdout, stderr, code}).toEqual({stdout: 'before out\nnil\texit\t3\n', stderr: 'err\n', code: 0});
  });
});
