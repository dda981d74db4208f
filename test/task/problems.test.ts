import {describe, expect, test} from 'vitest';
import {problemsOf, runText} from './task-file.js';

describe('what is wrong with a task file', () => {
  test('is said all at once, each with its line, before anything runs', async () => {
    const file = `
task("a"):command("echo a ran"):depends_on("bulid")
task("build")
  :retries(-1)
  :comand(function() end)
  :command(function() print("ran") end)
workflow.define("w", {tasks = {"a", "buidl"}})
`;
    expect(await problemsOf(file)).toEqual([
      "test.sloth:2: task 'a' depends on unknown task 'bulid' (did you mean 'build'?)",
      "test.sloth:4: task 'build': 'retries' must be an integer of at least 0, got -1",
      "test.sloth:5: task 'build': unknown method 'comand' (did you mean 'command'?)",
      "test.sloth:7: workflow 'w' names unknown task 'buidl' (did you mean 'build'?)",
    ]);
  });

  test.each([
    [
      'a cycle',
      'task("a"):command("x"):depends_on("b")\ntask("b"):command("x"):depends_on("a")',
      "test.sloth:1: tasks depend on each other: 'a' -> 'b' -> 'a'",
    ],
    ['a task that needs itself', 'task("a"):depends_on("a")', "test.sloth:1: tasks depend on each other: 'a' -> 'a'"],
    [
      'two tasks of one name',
      'task("a"):command("x")\ntask("a"):command("y")',
      "test.sloth:2: task 'a' is already defined at test.sloth:1",
    ],
    [
      'two workflows of one name',
      'task("a"):command("x")\nworkflow("w"):tasks{"a"}\nworkflow("w"):tasks{"a"}',
      "test.sloth:3: workflow 'w' is already defined at test.sloth:2",
    ],
    ['a workflow without tasks', 'task("a"):command("x") workflow("w")', "test.sloth:1: workflow 'w' has no tasks"],
    ['a task that does nothing', 'task("a")', "test.sloth:1: task 'a' has no command"],
    [
      'a task without a name',
      'task{command = "x"}',
      'test.sloth:1: task: the name must be a string that is not blank, got nil',
    ],
    ['a name that is none', 'task(5)', 'test.sloth:1: task: the name must be a string that is not blank, got a number'],
    [
      'a command of a wrong type',
      'task("a"):command(5)',
      "test.sloth:1: task 'a': 'command' must be a function or a shell command, got 5",
    ],
    [
      'a description of a wrong type',
      'task("a"):command("x"):description{}',
      "test.sloth:1: task 'a': 'description' must be a string, got an empty table",
    ],
    [
      'a time limit that is none',
      'task("a"):command("x"):timeout("5x")',
      `test.sloth:1: task 'a': 'timeout' must be a duration ("500ms", "10s", "1h30m" or seconds), got "5x"`,
    ],
    [
      'a dependency of a wrong type',
      'task("a"):command("x"):depends_on{5}',
      "test.sloth:1: task 'a': 'depends_on[1]' must be names or built tasks, got 5",
    ],
    ['a method without a value', 'task("a"):command("x"):timeout()', "test.sloth:1: task 'a': 'timeout' needs a value"],
    [
      'a dot for a colon',
      'local t = task("a"):command("x")\nt.timeout("5s")',
      "test.sloth:2: task 'a': write ':timeout(...)' instead of '.timeout(...)'",
    ],
    [
      'an assignment',
      'local t = task("a"):command("x")\nt.timeout = "5s"',
      "test.sloth:2: task 'a': set it with ':timeout(...)'",
    ],
    [
      'a key not supported yet',
      'task{name = "a", command = "x", next_if_fail = "b"}',
      "test.sloth:1: task 'a': key 'next_if_fail' is not supported yet",
    ],
    [
      'an unknown key',
      'task "a" {command = "x", timout = "5s"}',
      "test.sloth:1: task 'a': unknown key 'timout' (did you mean 'timeout'?)",
    ],
    [
      'a place to delegate to',
      'task("t"):command(function() return true end):delegate_to("mariguica")',
      "test.sloth:1: task 't': method 'delegate_to' is not supported yet; --allow-unsupported runs without what it promises",
    ],
    ['stages without one', 'workflow.define("w", {stages = {}})', "test.sloth:1: workflow 'w': 'stages' is empty"],
    [
      'a setting not known',
      'workflow("w"):tasks{{name = "a", command = "x"}}:config{fail_fsat = true}',
      "test.sloth:1: workflow 'w': unknown setting 'config.fail_fsat' (did you mean 'fail_fast'?)",
    ],
    [
      'a hole in a list',
      'local t = task("a"):command("x")\nworkflow("w"):tasks{t, missing, t}',
      "test.sloth:2: workflow 'w': 'tasks[2]' must be a task, the name of one, or a table that defines one, got nil",
    ],
    [
      'a placeholder for nothing',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of task files.
      'task("a"):command("echo ${params.x} ${HOME}")',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of task files.
      "test.sloth:1: task 'a': '${params.x}': there is no parameter 'x'; give it in params or with --param",
    ],
    [
      'the configuration of the runner',
      'runner_config = {max_concurrency = 0} task("a"):command("x")',
      "test.sloth: runner_config: 'max_concurrency' must be an integer of at least 1, got 0",
    ],
    [
      'an empty file',
      '-- nothing\n--[[ yet ]]\n',
      'test.sloth: the file is empty; the smallest one that does something is: task("hello"):command("echo hello")',
    ],
  ])('names %s', async (_, file, problem) => {
    expect(await problemsOf(file)).toEqual([problem]);
  });

  test('is said beside the error that ended the file', async () => {
    const {outcome} = await runText('task("a"):foo()\nerror("no more")');
    expect(outcome).toMatchObject({
      kind: 'unreadable',
      report: {kind: 'failed', message: 'test.sloth:2: no more'},
      problems: [{line: 1, message: "task 'a': unknown method 'foo'"}],
    });
  });

  test('includes, as a warning, a task in no workflow of a file that has some', async () => {
    const {outcome, events, output} = await runText(
      'task("a"):command("echo a")\nworkflow("w"):tasks{{name = "b", command = "echo b"}}',
    );
    expect(events).toContainEqual({
      kind: 'warning',
      at: expect.any(Number),
      problem: expect.objectContaining({
        file: 'test.sloth',
        line: 1,
        message: "task 'a' is in no workflow and does not run",
      }),
    });
    expect(outcome.kind).toBe('finished');
    expect(output).toBe('b\n');
  });
});
