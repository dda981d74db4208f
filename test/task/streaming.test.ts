import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {outcomesOf, problemsOf, runText, story} from './task-file.js';

const streaming = 'runner_config = {dependency_resolution = "streaming"}\n';
const producer = `task("make"):command(function(this)
  for i = 1, 3 do this.emit{n = i} goroutine.sleep(1) end
end)\n`;
const consumer = `task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
  local sum = 0
  for v in deps.make:range() do sum = sum + v.n end
  return {sum = sum}
end)\n`;

function valuesOf(events: Awaited<ReturnType<typeof runText>>['events']): Record<string, unknown> {
  const ends = events.flatMap((event) => ('result' in event && 'task' in event ? [event.result] : []));
  return Object.fromEntries(
    ends.flatMap(({task, outcome}) => (outcome.kind === 'succeeded' ? [[task, outcome.value]] : [])),
  );
}

describe('streaming', () => {
  it('a task that consumes a running one starts with it and gets what it emits', async () => {
    const {events} = await runText(
      `${streaming}
       task("make"):command(function(this) this.emit("go") goroutine.sleep(1) for i = 1, 2 do this.emit(i) end end)
       task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
         local got = {}
         for v in deps.make:range() do got[#got + 1] = v end
         return got
       end)`,
    );
    const told = story(events, /^(started|succeeded)/);
    expect(told.slice(0, 2)).toEqual(['started make 1', 'started use 1']);
    expect(valuesOf(events)['use']).toEqual(['go', 1, 2]);
  });

  it('each of several gets all; params and ctx functions have the channel, too', async () => {
    const {events} = await runText(
      `${streaming}${producer}${consumer}
       task("params"):depends_on("make"):consumes("make"):command(function(params, deps)
         local n = 0 for _ in deps.make:range() do n = n + 1 end return n
       end)
       task("ctx"):depends_on("make"):consumes("make"):command(function(ctx)
         local n = 0 for _ in ctx.results.make.output:range() do n = n + 1 end return n
       end)`,
    );
    expect(valuesOf(events)).toMatchObject({use: {sum: 6}, params: 3, ctx: 3});
  });

  it('with room for one task only, it reads afterwards', async () => {
    const {events} = await runText(`${streaming}${producer}${consumer}`, {maxParallel: 1});
    expect(story(events, /^(started|succeeded)/)).toEqual([
      'started make 1',
      'succeeded make',
      'started use 1',
      'succeeded use',
    ]);
    expect(valuesOf(events)['use']).toEqual({sum: 6});
  });

  it('a retry takes back what the failed attempt emitted, and who read it begins anew', async () => {
    const {events} = await runText(
      `${streaming}
       task("make"):retries{max_attempts = 2, delay = "1ms"}:command(function(this)
         this.emit(this.attempt * 10)
         goroutine.sleep(20)
         if this.attempt == 1 then error("once more") end
         this.emit(99)
       end)
       task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
         local got = {}
         for v in deps.make:range() do got[#got + 1] = v end
         return got
       end)`,
    );
    expect(valuesOf(events)['use']).toEqual([20, 99]);
    expect(story(events, /^started use/)).toEqual(['started use 1']);
  });

  it('one that fails ends those that read from it, and those that wait for room do not start', async () => {
    const text = `${streaming}
      task("make"):command(function(this) this.emit(1) goroutine.sleep(5) error("broken") end)
      task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
        for v in deps.make:range() do end
        return "all of it"
      end)
      task("after"):depends_on("use"):command("true")`;
    expect(await outcomesOf(text)).toMatchObject({use: 'cancelled', after: 'skipped'});
    expect(await outcomesOf(text, {maxParallel: 1})).toMatchObject({use: 'skipped', after: 'skipped'});
  });

  it('who ends early does not disturb who emits', async () => {
    const {events} = await runText(
      `${streaming}
       task("make"):command(function(this) for i = 1, 3000 do this.emit(i) end return "all" end)
       task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
         return (deps.make:receive())
       end)
       task("never"):depends_on("make"):consumes("make"):command(function() return "did not look" end)`,
    );
    expect(valuesOf(events)).toEqual({make: 'all', use: 1, never: 'did not look'});
  });

  it('who emits waits while the fastest reader is a thousand values behind', async () => {
    const {events, output} = await runText(
      `${streaming}
       task("make"):command(function(this) for i = 1, 1500 do this.emit(i) end print("emitted") end)
       task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
         goroutine.sleep(50)
         print("reading")
         local n = 0
         for v in deps.make:range() do n = n + 1 end
         return n
       end)`,
    );
    expect(output).toBe('reading\nemitted\n');
    expect(valuesOf(events)['use']).toBe(1500);
  });

  it('nobody has to consume what is emitted', async () => {
    expect(await outcomesOf(`${streaming}${producer}`)).toEqual({make: 'succeeded'});
  });

  it('waits for a task that hands on files, and takes them over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sloth-stream-'));
    const {events} = await runText(
      `${streaming}
       task("make"):artifacts("a.txt"):command(function(this) io.open("${folder}/a.txt", "w"):close() end):workdir("${folder}")
       task("use"):depends_on("make"):consumes("make"):workdir("${folder}/use"):command("test -e a.txt")`,
    );
    rmSync(folder, {recursive: true});
    expect(story(events, /^(started|succeeded)/).slice(0, 2)).toEqual(['started make 1', 'succeeded make']);
    expect(story(events, /^succeeded use/)).toEqual(['succeeded use']);
  });

  it('a value that is nil, an emit outside of a body, and one without streaming are errors', async () => {
    const emit = 'task("a"):command(function(this) this.emit(';
    expect(await outcomesOf(`${streaming}${emit}nil) end)`)).toEqual({
      a: 'failed: test.sloth:2: cannot emit nil: it would end a range loop',
    });
    expect((await outcomesOf(`${emit}1) end)`))['a']).toContain(
      'this.emit needs runner_config.dependency_resolution = "streaming"',
    );
    const {events} = await runText(
      `${streaming} task("a"):command("true"):on_success(function(this) this.emit(1) end)`,
    );
    expect(story(events, /^hook/).join()).toContain('not in a guard or hook');
  });

  it('a condition over one that still runs is an error', async () => {
    const problems = await problemsOf(`${streaming}${producer}
      task("use"):depends_on("make"):consumes("make"):run_if("make.success"):command(function() end)`);
    expect(problems.join()).toContain("asks for 'make', which is not decided by then");
  });
});

describe('what was emitted', () => {
  it('comes back with a kept result and when a run is gone on with', async () => {
    const {CommandLine} = await import('../cli/command-line.js');
    const cli = new CommandLine();
    const file = join(cli.folder, 'kept.sloth');
    writeFileSync(join(cli.folder, 'in.txt'), '1');
    writeFileSync(
      file,
      `runner_config = {dependency_resolution = "streaming", optimization_level = "advanced"}
       task("make"):inputs("in.txt"):command(function(this) print("working") this.emit(1) this.emit{x = 2} end)
       task("use"):depends_on("make"):consumes("make"):command(function(this, params, deps)
         local n = 0
         for v in deps.make:range() do n = n + (type(v) == "table" and v.x or v) end
         print("sum", n)
         local f = io.open("ok")
         return f ~= nil
       end)`,
    );
    const first = await cli.run(['run', 'kept.sloth']);
    const resumed = await cli.run(['run', 'kept.sloth', '--resume']);
    const again = await cli.run(['run', 'kept.sloth']);
    expect([first.code, resumed.code, again.code]).toEqual([4, 4, 4]);
    expect(resumed.stderr).toMatch(/make {2}\S+ {2}finished before/);
    expect(again.stderr).toContain('from the cache');
    for (const {stdout} of [first, resumed, again]) expect(stdout).toContain('sum\t3\n');
  });
});
