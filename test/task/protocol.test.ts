import {describe, expect, test} from 'vitest';
import {runText} from './task-file.js';

async function ended(body: string) {
  const {outcome} = await runText(`task("t"):command(${body})`);
  if (outcome.kind !== 'finished') throw new Error(`no task ran: ${JSON.stringify(outcome)}`);
  return outcome.workflows[0]?.tasks[0]?.outcome;
}

describe("what a task's function returns", () => {
  const succeeded = (value: unknown = undefined, message: string | undefined = undefined) => ({
    kind: 'succeeded',
    value,
    message,
  });
  const failed = (message: string) => ({kind: 'failed', failure: expect.objectContaining({kind: 'error', message})});

  test.each([
    ['nothing', 'return', succeeded()],
    ['a lone nil', 'return nil', succeeded()],
    ['true', 'return true', succeeded()],
    ['true and a message', 'return true, "made"', succeeded(undefined, 'made')],
    ['true, a message and an output', 'return true, "made", {n = 1}', succeeded({n: 1}, 'made')],
    ['true and an output', 'return true, {1, 2}', succeeded([1, 2])],
    ['false', 'return false', failed('the task returned false')],
    ['false and a message', 'return false, "no disk"', failed('no disk')],
    ['nil and a message', 'return nil, "no disk"', failed('no disk')],
    ['a table that succeeded', 'return {success = true, output = 5, message = "m"}', succeeded(5, 'm')],
    ['a table that succeeded without output', 'return {success = true, n = 1}', succeeded({success: true, n: 1})],
    ['a table that failed', 'return {success = false, error = "no disk"}', failed('no disk')],
    [
      'the result of a command that failed',
      'return {success = false, stderr = "a\\nlast line\\n"}',
      failed('last line'),
    ],
    ['a table without success', 'return {n = 1}', succeeded({n: 1})],
    ['a string', 'return "output"', succeeded('output')],
    ['a number', 'return 7', succeeded(7)],
    [
      'a function inside its output',
      'return {f = print}',
      succeeded({f: expect.stringMatching(/^(builtin|function)/)}),
    ],
    ['itself', 'local t = {} t.t = t return t', succeeded({t: '<circular>'})],
  ])('decides: %s', async (_, body, expected) => {
    expect(await ended(`function() ${body} end`)).toEqual(expected);
  });

  test('does not matter when it raises: message and traceback tell where', async () => {
    expect(await ended('function()\n  error("no disk")\nend')).toMatchObject({
      failure: {
        message: 'test.sloth:2: no disk',
        traceback:
          "stack traceback:\n\t[C]: in function 'error'\n\ttest.sloth:2: in function <test.sloth:1>\n\t[C]: in ?",
      },
    });
  });

  test('does not matter when it raises a table or without position', async () => {
    expect(await ended('function() error("no disk", 0) end')).toEqual(failed('no disk'));
    expect(await ended('function() error({message = "no disk"}) end')).toEqual(failed('no disk'));
  });
});

describe("the name of a function's first parameter", () => {
  test.each([
    ['params', 'function(params, deps) print(type(params), type(deps)) end', 'table\ttable\n'],
    ['ctx', 'function(ctx) print(ctx.task, ctx.workflow, ctx.attempt, type(ctx.run_id)) end', 't\ttest\t1\tstring\n'],
    [
      'this',
      'function(this, params, deps) print(this.name, this.attempt, type(params), type(deps)) end',
      't\t1\ttable\ttable\n',
    ],
    ['any other', 'function(x, y) print(x.name, type(y)) end', 't\ttable\n'],
    ['none', 'function(...) print(select("#", ...), (...).name) end', '3\tt\n'],
  ])('decides what it gets: %s', async (_, body, output) => {
    expect((await runText(`task("t"):command(${body})`)).output).toBe(output);
  });
});

describe('this', () => {
  test('has a name that also answers a call', async () => {
    const file = 'task("t"):command(function(this) print(this.name, this.name(), this:name(), this.name .. "!") end)';
    expect((await runText(file)).output).toBe('t\tt\tt\tt!\n');
  });

  test('does not make every string callable', async () => {
    expect(await ended('function() local s = "x" s(1) end')).toMatchObject({
      failure: {message: expect.stringContaining('attempt to call a string value')},
    });
  });

  test('knows where commands run, and the log', async () => {
    const {output} = await runText('task("t"):command(function(this) print(this.workdir, type(this.log.info)) end)');
    expect(output).toBe(`${process.cwd()}\tfunction\n`);
  });
});
