import {describe, expect, test} from 'vitest';
import {outcomesOf, runText} from './task-file.js';

describe('tasks', () => {
  test('run after those they depend on, and get their outputs', async () => {
    const file = `
local a = task("a"):command(function() return true, "made", {list = {1, 2}, [1] = "mixed", float = 1.0} end)
task("b"):depends_on(a):command(function(params, deps)
  print(deps.a.list[2], deps.a[1], deps.a.float)
end)`;
    expect((await runText(file)).output).toBe('2\tmixed\t1.0\n');
  });

  test('without an order between them run at the same time', async () => {
    const file = `
local together = goroutine.barrier(4)
for i = 1, 4 do task("t" .. i):command(function() return together:wait(10000) ~= false end) end
workflow.define("w"):tasks{"t1", "t2", "t3", "t4"}:on_complete(function(success) print(success) end)`;
    expect((await runText(file, {maxParallel: 4})).output).toBe('true\n');
  });

  test('run no more at a time than may', async () => {
    const file = `
for i = 1, 3 do task("t" .. i):command(function() print("+") goroutine.sleep(20) print("-") end) end`;
    expect((await runText(file, {maxParallel: 1})).output).toBe('+\n-\n+\n-\n+\n-\n');
    const limited = `${file} workflow("w"):tasks{"t1", "t2", "t3"}:config{max_parallel_tasks = 1}`;
    expect((await runText(limited, {maxParallel: 3})).output).toBe('+\n-\n+\n-\n+\n-\n');
  });

  test('are skipped, transitively, when one they need did not succeed, and the others go on', async () => {
    const file = `
task("a"):command(function() error("no luck", 0) end)
task("b"):depends_on("a"):command("echo never")
task("c"):depends_on("b"):command("echo never")
task("d"):command("echo d")`;
    expect(await outcomesOf(file)).toEqual({a: 'failed: no luck', b: 'skipped', c: 'skipped', d: 'succeeded'});
  });

  test('are cancelled when one fails and fail_fast is set', async () => {
    const file = `
task("a"):command(function() goroutine.sleep(20) error("no luck", 0) end)
task("b"):command(function() goroutine.sleep(60000) end)
task("c"):depends_on("b"):command("echo never")`;
    const expected = {a: 'failed: no luck', b: 'cancelled', c: 'cancelled'};
    expect(await outcomesOf(file, {failFast: true, maxParallel: 2})).toEqual(expected);
    const configured = `${file} workflow("w"):tasks{"a", "b", "c"}:config{fail_fast = true}`;
    expect(await outcomesOf(configured, {maxParallel: 2})).toEqual(expected);
  });

  test('are cancelled through the signal', async () => {
    const controller = new AbortController();
    const file = 'task("a"):command(function() goroutine.sleep(60000) end) task("b"):command("sleep 60")';
    const emit = ({kind}: {kind: string}) => kind === 'task.started' && setTimeout(() => controller.abort(), 50);
    const outcomes = await outcomesOf(file, {signal: controller.signal, emit, maxParallel: 2});
    expect(outcomes).toEqual({a: 'cancelled', b: 'cancelled'});
  });

  test('over their time are stopped, their child processes too', async () => {
    const startedAt = performance.now();
    const file = `
task("lua"):timeout("200ms"):command(function() while true do end end)
task("shell"):timeout(0.2):command("sleep 60 & sleep 60; echo never")`;
    const {outcome, output} = await runText(file, {maxParallel: 2});
    expect(outcome).toMatchObject({
      workflows: [
        {
          tasks: [
            {outcome: {failure: {kind: 'timeout', message: 'timed out after 200ms'}}},
            {outcome: {failure: {kind: 'timeout', message: 'timed out after 200ms'}}},
          ],
        },
      ],
    });
    expect(output).toBe('');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('that block for ever fail with the report', async () => {
    const file = 'task("a"):command(function()\n  channel.make():receive()\nend)\ntask("b"):command("true")';
    const {outcome} = await runText(file);
    expect(outcome).toMatchObject({
      workflows: [{tasks: [{task: 'a', outcome: {failure: {kind: 'deadlock'}}}, {outcome: {kind: 'succeeded'}}]}],
    });
    const text = JSON.stringify(outcome);
    expect(text).toContain('deadlock: 1 goroutine is blocked and nothing can wake it');
    expect(text).toContain('test.sloth:2');
    expect(text).not.toContain('[task ');
  });

  test('count the goroutine errors that reached nobody', async () => {
    const {outcome, output} = await runText('task("a"):command(function() go.spawn(function() error("lost") end) end)');
    expect(outcome).toMatchObject({kind: 'finished', uncaught: 1, workflows: [{success: true}]});
    expect(output).toContain('test.sloth:1: lost');
  });

  test('that call os.exit end everything', async () => {
    const file = `
task("a"):command(function() os.exit(9) end)
task("b"):command(function() goroutine.sleep(60000) end)
workflow("w"):tasks{"a", "b"}
workflow("never"):tasks{{name = "c", command = "echo never"}}`;
    const {outcome, output} = await runText(file, {maxParallel: 2});
    expect(outcome).toMatchObject({kind: 'finished', workflows: [{workflow: 'w', exitCode: 9}]});
    expect(output).toBe('');
  });
});

describe('the globals of task files', () => {
  test("keep no goroutine on its parent's island: neither a task nor what it spawns", async () => {
    const file =
      'local name = "x" task("a"):command(function()\n  go.spawn(function() print(name) log.info(name) end)\nend)';
    const {output} = await runText(file, {run: {explain: true}});
    expect(output).toMatch(/explain: \[task protocol\]:\d+: parallel/);
    expect(output).toContain('explain: test.sloth:2: parallel');
  });

  test.each([
    [
      'reads what it is given',
      'function(this, params, deps) print(params.a, params.list[1], deps.before.n, this.name) end',
    ],
    [
      'walks through it',
      'function(params, deps) for k, v in pairs(params.list) do print(k, v) end for k in pairs(deps) do print(k) end end',
    ],
    ['is given a context', 'function(ctx) print(ctx.results.before.output.n, ctx.params.a) end'],
  ])('nor a task that %s', async (_, command) => {
    const file = `task("before"):command(function() return {n = 1} end)
      task("a"):depends_on("before"):params{a = 1, list = {2}}:command(${command})`;
    const {output, outcome} = await runText(file, {run: {explain: true}});
    expect(outcome).toMatchObject({success: true});
    // An output that is handed on is copied where it lies.
    expect(output.replaceAll('shared: goroutine.shared asks for it', '')).not.toContain('shared');
  });

  test('keep one at home that calls a name, or code that is loaded', async () => {
    const shared = async (command: string): Promise<string> => {
      const {output, outcome} = await runText(`${command}`, {run: {explain: true}});
      expect(outcome).toMatchObject({success: true});
      return output;
    };
    expect(await shared('task("a"):command(function(this) return this.name() == "a" end)')).toContain('shared');
    const loads = 'local t = {} task("a"):command(function() for k in pairs(t) do print(k) end end)';
    const loader = 'task("b"):depends_on("a"):command(function() loadstring("return 1")() end)';
    expect(await shared(`${loads} ${loader}`)).toContain('code that is loaded later');
  });

  test('import nothing while tasks run', async () => {
    const file = 'local kept = import task("a"):command(function() kept("x.sloth") end)';
    const {outcome} = await runText(file);
    expect(outcome).toMatchObject({success: false});
    expect(JSON.stringify(outcome)).toContain('import defines; it works while a task file is read');
  });
});

describe('a command line', () => {
  test('streams its output and fails by its exit code', async () => {
    const file = `
task("ok"):command("echo out; echo err >&2")
task("bad"):command("exit 3")
task("killed"):command("kill -KILL $$")`;
    const {outcome, output} = await runText(file, {maxParallel: 1});
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
    expect(outcome).toMatchObject({
      workflows: [
        {
          tasks: [
            {outcome: {kind: 'succeeded'}},
            {outcome: {failure: {message: 'the command ended with exit code 3'}}},
            {outcome: {failure: {message: 'the command was killed by SIGKILL'}}},
          ],
        },
      ],
    });
  });
});

describe('several workflows', () => {
  test('run in order, and stop at the first failure', async () => {
    const workflow = (name: string, command: string) =>
      `workflow("${name}"):tasks{{name = "${name}", command = "${command}"}}\n`;
    const file = workflow('one', 'echo 1') + workflow('two', 'echo 2; false') + workflow('three', 'echo 3');
    const {output, events} = await runText(file);
    expect(output).toBe('1\n2\n');
    expect(events.at(-2)).toMatchObject({kind: 'workflow.skipped', workflow: 'three'});
  });
});

describe('the hooks of a workflow', () => {
  test('are called before and after, with success and results', async () => {
    const file = `
task("good"):command(function() return true, "fine", {n = 1} end)
task("bad"):command(function() return false, "no luck" end)
task("late"):depends_on("bad"):command("true")
workflow("w"):tasks{"good", "bad", "late"}
  :on_start(function(ctx) print("start", ctx.workflow) end)
  :on_complete(function(success, results, ctx)
    print("end", success, results.good.message, results.good.output.n, results.bad.error, results.late.success, ctx.workflow)
  end)`;
    expect((await runText(file)).output).toBe('start\tw\nend\tfalse\tfine\t1\tno luck\tfalse\tw\n');
  });

  test('are reported when they fail, and change no outcome', async () => {
    const {outcome, events} = await runText(
      'workflow("w"):tasks{{name = "a", command = "true"}}:on_complete(function() error("hook", 0) end)',
    );
    expect(outcome).toMatchObject({kind: 'finished', workflows: [{success: true}]});
    expect(events).toContainEqual(expect.objectContaining({kind: 'hook.failed', hook: 'on_complete', message: 'hook'}));
  });
});

describe('a workflow with a time limit', () => {
  test('cancels what runs when it is over', async () => {
    const file = 'workflow("w"):tasks{{name = "a", command = "sleep 60"}}:config{timeout = "200ms"}';
    const {outcome} = await runText(file);
    expect(outcome).toMatchObject({
      workflows: [{success: false, timedOut: true, tasks: [{outcome: {kind: 'cancelled'}}]}],
    });
  });
});
