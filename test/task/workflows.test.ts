import {describe, expect, test} from 'vitest';
import {loadWorkflows, run, TaskFileError} from '../../lib/task/index.js';

const source = `
task("a"):command(function(params) print(params.who) return {n = 1} end):params{who = "nobody"}
task("b"):depends_on("a"):command("echo b; exit 3")
workflow("w"):tasks{"b"}`;
const quiet = {stdout: () => {}, stderr: () => {}};

describe('workflows from a program', () => {
  test('tell what happens as it happens, and how it ended', async () => {
    const workflows = await loadWorkflows('x.sloth', {source, runtime: quiet});
    try {
      expect(workflows.plan.workflows[0]?.tasks.map(({name}) => name)).toEqual(['a', 'b']);
      const running = workflows.run();
      const kinds: string[] = [];
      for await (const {kind} of running) kinds.push(kind);
      expect(kinds).toEqual([
        'run.started',
        'workflow.started',
        'task.ready',
        'task.started',
        'task.output',
        'task.succeeded',
        'task.ready',
        'task.started',
        'task.output',
        'task.failed',
        'workflow.failed',
        'run.ended',
      ]);
      expect(await running.result).toMatchObject({
        success: false,
        workflows: [{workflow: 'w', tasks: [{task: 'a', outcome: {kind: 'succeeded', value: {n: 1}}}, {task: 'b'}]}],
      });
    } finally {
      await workflows.close();
    }
  });

  test('may run again, and only in part', async () => {
    const workflows = await loadWorkflows('x.sloth', {source, params: {who: 'me'}, runtime: quiet});
    const first = await workflows.run({tasks: ['a']}).result;
    const second = await workflows.run({tasks: ['a']}).result;
    await workflows.close();
    expect([first.success, second.success]).toEqual([true, true]);
    expect(first.runId).not.toBe(second.runId);
    expect(first.workflows[0]?.tasks).toHaveLength(1);
  });

  test('stop through the signal', async () => {
    const controller = new AbortController();
    const running = run('x.sloth', {
      source: 'task("a"):command("sleep 60")',
      signal: controller.signal,
      runtime: quiet,
    });
    for await (const {kind} of running) if (kind === 'task.started') controller.abort(new Error('enough'));
    expect(await running.result).toMatchObject({
      success: false,
      workflows: [{tasks: [{outcome: {kind: 'cancelled', reason: 'enough'}}]}],
    });
  });

  test('are refused with everything that is wrong', async () => {
    const loading = loadWorkflows('x.sloth', {source: 'task("a"):comand("x")\ntask("b"):depends_on("c")'});
    await expect(loading).rejects.toBeInstanceOf(TaskFileError);
    await expect(loading).rejects.toMatchObject({
      code: 'E_TASK_FILE',
      problems: [{line: 1}, {line: 1}, {line: 2}],
      message: expect.stringContaining("x.sloth:1: task 'a': unknown method 'comand' (did you mean 'command'?)"),
    });
    const workflows = await loadWorkflows('x.sloth', {source});
    expect(() => workflows.run({tasks: ['bb']})).toThrow("unknown task 'bb'");
    await workflows.close();
  });
});

test('limits of the file hold for each run, and memory of one task is none of the others', async () => {
  const source = `runner_config = {resource_limits = {max_memory = "256Mi", max_cpu = "1"}}
    task("large"):resources{memory = {limit = "8Mi"}}:command(function() return #("x"):rep(20 << 20) end)
    task("other"):command(function() return #("x"):rep(20 << 20) end)`;
  await using workflows = await loadWorkflows('limits.sloth', {source, runtime: {workers: 2}});
  for (let round = 0; round < 2; round += 1) {
    const {workflows: ended} = await workflows.run().result;
    const outcomes = new Map(ended[0]?.tasks.map(({task, outcome}) => [task, outcome]));
    expect(outcomes.get('other')).toMatchObject({kind: 'succeeded', value: 20 << 20});
    expect(outcomes.get('large')).toMatchObject({
      kind: 'failed',
      failure: {
        message: "not enough memory: 'resources.memory.limit' is 8 MiB, 'resource_limits.max_memory' is 256 MiB",
      },
    });
  }
});
