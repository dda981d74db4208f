import {describe, expect, it} from 'vitest';
import {EventHub, standardModules, tellRunEvents} from '../../lib/modules/index.js';
import {loadWorkflows} from '../../lib/task/index.js';
import {CommandLine} from './command-line.js';

const cli = new CommandLine();

const everything = `
event.on("*", function(e)
  local d = e.data
  print("heard", e.type, d.task or d.saga or d.name or d.workflow)
end)
task("good"):command(function() task.checkpoint("half", {n = 1}) return true, "fine" end)
  :compensate(function() return true end)
task("flaky"):depends_on("good"):retries{max_attempts = 2, delay = "5ms"}
  :circuit{failure_threshold = 1, recovery_timeout = "1ms"}
  :command(function(this) return this.attempt == 2 end)
task("kept"):depends_on("flaky"):inputs("in.txt"):command(function() return 1 end)
task("passed over"):depends_on("kept"):run_if(function() return false end):command("true")
task("undone badly"):depends_on("kept"):command("true"):compensate(function() error("no way back") end)
task("bad"):depends_on("undone badly"):command("false")
workflow.define("first", {tasks = {"good", "flaky", "kept", "passed over", "undone badly", "bad"}})
`;

function heard(stdout: string): readonly string[] {
  return stdout
    .split('\n')
    .filter((text) => text.startsWith('heard\t'))
    .map((text) => text.split('\t').slice(1).join(' '));
}

describe('event.on in a task file', () => {
  it('hears every event of the runner', async () => {
    cli.write('in.txt', '1');
    await cli.runText('every.sloth', everything);
    const {stdout} = await cli.run(['run', 'every.sloth']);
    expect(new Set(heard(stdout))).toEqual(
      new Set([
        'workflow.started first',
        ...['good', 'flaky', 'kept', 'undone badly', 'bad'].map((task) => `task.ready ${task}`),
        'task.ready passed over',
        ...['good', 'flaky', 'undone badly', 'bad'].map((task) => `task.started ${task}`),
        'checkpoint.saved good',
        'task.succeeded good',
        'circuit.opened task:flaky',
        'task.retrying flaky',
        'circuit.closed task:flaky',
        'task.succeeded flaky',
        'task.cached kept',
        'task.skipped passed over',
        'task.succeeded undone badly',
        'task.failed bad',
        'compensation.started undone badly',
        'compensation.failed undone badly',
        'compensation.started good',
        'compensation.done good',
        'workflow.failed first',
      ]),
    );
  });

  it('hears of a workflow that is completed, and of breakers of flow', async () => {
    const {stdout} = await cli.runText(
      'breaker.sloth',
      `event.on("circuit.*", function(e) print("heard", e.type, e.data.name) end)
       event.on("workflow.*", function(e) print("heard", e.type, e.data.workflow) end)
       task("a"):command(function()
         local options = {failure_threshold = 1, recovery_timeout = "1ms"}
         flow.circuit_breaker("api", function() error("down") end, options)
         goroutine.sleep(5)
         return flow.circuit_breaker("api", function() return true end, options)
       end)`,
      '--no-journal',
    );
    // Handlers of two patterns run side by side.
    expect(heard(stdout).filter((text) => text.startsWith('circuit'))).toEqual([
      'circuit.opened api',
      'circuit.closed api',
    ]);
    expect(heard(stdout).filter((text) => text.startsWith('workflow'))).toEqual([
      'workflow.started breaker',
      'workflow.completed breaker',
    ]);
  });

  it('is told in order, one after the other, and what it keeps stays', async () => {
    const {stdout} = await cli.runText(
      'order.sloth',
      `local count = 0
       event.on("task.*", function(e) goroutine.sleep(1) count = count + 1 print("heard", e.type, count) end)
       task("a"):command("true")`,
      '--no-journal',
    );
    expect(heard(stdout)).toEqual(['task.ready 1', 'task.started 2', 'task.succeeded 3']);
  });

  it('says it when a handler fails, waits for ever or is none, and the run goes on', async () => {
    const {stdout, stderr, code} = await cli.runText(
      'broken.sloth',
      `event.on("task.started", function() error("oh dear", 0) end)
       event.on("task.ready", function() channel.make():receive() end)
       event.on("task.succeeded", function() print("heard", "still there") end)
       task("a"):command("true")`,
      '--no-journal',
    );
    expect(code).toBe(0);
    expect(stderr).toContain("a handler of 'task.started' failed: oh dear");
    expect(stderr).toMatch(/a handler of 'task.ready' failed: .*deadlock/s);
    expect(heard(stdout)).toEqual(['still there']);
    const wrong = await cli.runText('wrong.sloth', 'event.on("x", 5) task("a"):command("true")', '--no-journal');
    expect(wrong.stderr).toContain("bad argument #2 to 'event.on' (function expected, got number)");
  });

  it('within a task it listens while the task runs', async () => {
    const {stdout, ms} = await cli.runText(
      'within.sloth',
      `task("a"):command(function() event.on("mine", function(e) print("heard", "a") end) end)
       task("b"):depends_on("a"):command(function()
         event.on("mine", function(e) print("heard", "b") end)
         event.dispatch("mine", {})
       end)`,
      '--no-journal',
    );
    expect(heard(stdout)).toEqual(['b']);
    expect(ms).toBeLessThan(20_000);
  });

  it('runner_config.enable_events = false tells nobody', async () => {
    const {code, stdout} = await cli.runText(
      'off.sloth',
      'runner_config = {enable_events = false} event.on("*", function() print("heard") end) task("a"):command("true")',
      '--no-journal',
    );
    expect([code, stdout]).toEqual([0, '']);
  });
});

describe('tellRunEvents', () => {
  it('tells programs that a host runs', async () => {
    const events = new EventHub();
    const tell = tellRunEvents(events);
    let isReading = true;
    const printed: unknown[] = [];
    const runtime = {
      modules: standardModules({events, handlersStay: () => isReading}),
      stdout: (text: string | Uint8Array) => void printed.push(text),
      stderr: () => {},
    };
    const source =
      'event.on("task.succeeded", function(e) print(e.data.task, e.data.message) end) task("a"):command(function() return true, "done" end)';
    const workflows = await loadWorkflows('x.sloth', {source, runtime});
    isReading = false;
    for await (const event of workflows.run()) tell(event);
    await events.whenIdle();
    await workflows.close();
    expect(printed).toEqual(['a\tdone\n']);
  });
});
