import {describe, expect, test} from 'vitest';
import {outcomesOf, runText} from './task-file.js';

/** Each workflow of a file with its tasks, in the order of the plan. */
async function plan(file: string): Promise<Record<string, readonly string[]>> {
  const {events} = await runText(file);
  const started = events.flatMap((event) => (event.kind === 'workflow.started' ? [event] : []));
  return Object.fromEntries(started.map(({workflow, tasks}) => [workflow, tasks]));
}

describe('a task may be defined', () => {
  test.each([
    ['by methods', 'task("a"):description("d"):command("true"):timeout("5s"):build()'],
    ['by methods and left unbuilt', 'task("a"):run("true")'],
    ['by a table', 'task{name = "a", command = "true"}'],
    ['by its name and a table', 'task "a" {run = function() end}'],
    ['by define_task', 'define_task{name = "a", command = "true"}'],
  ])('%s', async (_, file) => {
    expect(await outcomesOf(file)).toEqual({a: 'succeeded'});
  });
});

describe('the tasks of a workflow may be', () => {
  const built = 'local a = task("a"):command("true"):build() ';
  test.each([
    ['built tasks', `${built} workflow.define("w"):tasks({a})`, ['a']],
    ['one built task', `${built} workflow.define("w"):tasks(a)`, ['a']],
    ['names, of tasks defined later', 'workflow("w"):tasks{"a"} task("a"):command("true")', ['a']],
    ['tables in a list', 'workflow.define("w", {tasks = {{name = "a", command = "true"}}})', ['a']],
    ['a map by name', 'workflow.define("w", {tasks = {b = {command = "true"}, a = function() end}})', ['a', 'b']],
    [
      'built tasks under command',
      `${built} workflow("w", {tasks = {{name = "b", command = a}, {command = a}}})`,
      ['b', 'a'],
    ],
    [
      'added in several calls',
      `${built} workflow("w"):tasks{a}:tasks{{name = "b", command = "true"}}:build()`,
      ['a', 'b'],
    ],
    ['only those that need others', `${built} task("b"):depends_on(a) workflow "w" {tasks = {"b"}}`, ['a', 'b']],
  ])('%s', async (_, file, tasks) => {
    expect(await plan(file)).toEqual({w: tasks});
  });
});

describe('a workflow', () => {
  test('is named after the file when the file defines only tasks', async () => {
    expect(await plan('task("a"):command("true") task("b"):command("true")')).toEqual({test: ['a', 'b']});
  });

  test('is defined from its first call on, in each form', async () => {
    const tasks = '{{name = "NAME", command = "true"}}';
    const file = `
workflow.define("one", {version = 2, tasks = ${tasks.replace('NAME', 'a')}})
workflow.define("two"):description("d"):version("1"):tasks(${tasks.replace('NAME', 'b')})
workflow("three"):tasks(${tasks.replace('NAME', 'c')}):build()
workflow{name = "four", tasks = ${tasks.replace('NAME', 'd')}}`;
    expect(await plan(file)).toEqual({one: ['a'], two: ['b'], three: ['c'], four: ['d']});
  });
});

describe('a task file', () => {
  test('that defines nothing is a script', async () => {
    const {outcome, output} = await runText('print("just a script") return 3');
    expect(output).toBe('just a script\n');
    expect(outcome).toMatchObject({kind: 'script', report: {kind: 'succeeded', values: [3]}});
  });

  test('finds the names of Lua 5.1', async () => {
    const file = 'print(unpack({1, 2}), table.getn{1, 2, 3}, math.pow(2, 3), loadstring("return 7")())';
    expect((await runText(file)).output).toBe('1\t3\t8.0\t7\n');
  });

  test('may use reserved words as names', async () => {
    const {output} = await runText('local t = {} t.end = 1 function t:then(x) return x end print(t.end, t:then(2))');
    expect(output).toBe('1\t2\n');
  });
});
