import {describe, expect, test} from 'vitest';
import {linesOf, runBlock} from './run-script.js';

/** The overview of the goroutine module; three of its seven blocks are not Lua. */

const both = ['lua', 'sloth'] as const;
const withoutDots = {replace: {' ... ': ' '}};

describe.concurrent('001-01, spawning', () => {
  test.each(both)('eleven goroutines end, and so does the program (.%s)', async (as) => {
    const {code, output} = await runBlock('001-01', {as});
    expect({code, output}).toEqual({code: 0, output: ''});
  });
});

describe.concurrent('001-02, pools with a placeholder', () => {
  test.each(both)('the error shows where code is missing (.%s)', async (as) => {
    const {code, stdout, stderr} = await runBlock('001-02', {as});
    expect(linesOf(stderr)).toEqual([
      `error: 001-02.${as}:2: unexpected symbol near '...'`,
      '  2 | goroutine.pool_submit("mypool", function() ... end)',
      '    |                                            ^^^',
      'hint: `...` stands for code here; put your own in its place',
    ]);
    expect({code, stdout}).toEqual({code: 3, stdout: ''});
  });

  test.each(both)('it runs without the placeholder (.%s)', async (as) => {
    const {code, output} = await runBlock('001-02', {...withoutDots, as});
    expect({code, output}).toEqual({code: 0, output: ''});
  });
});

describe.concurrent('001-03, async and await', () => {
  test.each(both)('results come in the order of the handles (.%s)', async (as) => {
    const before = 'function fetch_data() return 1 end function fetch_more() return 2 end';
    const after = 'print(success, data, #results, results[1].values[1], results[2].values[1])';
    const {code, stdout} = await runBlock('001-03', {before, after, as});
    expect({code, stdout}).toEqual({code: 0, stdout: 'true\t1\t2\t1\t2\n'});
  });
});

describe.concurrent('001-04, a wait group', () => {
  test.each(both)('nobody calls done: a deadlock (.%s)', async (as) => {
    const {code, stdout, stderr} = await runBlock('001-04', {as});
    expect(stderr).toMatch(/^error: deadlock: 1 goroutine is blocked/);
    expect(stderr).toContain(`main goroutine 1 is blocked in wg:wait at 001-04.${as}:4`);
    expect(stderr).not.toContain('errors before the deadlock');
    expect({code, stdout}).toEqual({code: 5, stdout: ''});
  });

  test('three that do end it', async () => {
    const done = 'goroutine.spawn(function() wg:done() end)';
    const {code, output} = await runBlock('001-04', {
      replace: {'-- spawn tasks with wg:done()': `${done} ${done} ${done}`},
    });
    expect({code, output}).toEqual({code: 0, output: ''});
  });
});

describe.concurrent('001-05, sleep and timeout with a placeholder', () => {
  test.each(both)('the error shows where code is missing (.%s)', async (as) => {
    const {code, stdout, stderr} = await runBlock('001-05', {as});
    expect(linesOf(stderr)).toEqual([
      `error: 001-05.${as}:2: unexpected symbol near '...'`,
      '  2 | goroutine.timeout(5000, function() ... end)',
      '    |                                    ^^^',
      'hint: `...` stands for code here; put your own in its place',
    ]);
    expect({code, stdout}).toEqual({code: 3, stdout: ''});
  });

  test('it takes the second it sleeps, not the five it would have waited', async () => {
    const {code, output, ms} = await runBlock('001-05', {replace: {...withoutDots.replace, '5000': '3600000'}});
    expect({code, output}).toEqual({code: 0, output: ''});
    expect(ms).toBeGreaterThan(1000);
  });
});

describe.concurrent('001-06, a task with a pool', () => {
  test('a file without workflow is one named after the file', async () => {
    const {code, stderr} = await runBlock('001-06', {as: 'sloth'});
    expect(stderr).toContain('▶ 001-06 (1 task)');
    expect(stderr).toContain('✓ example');
    expect(stderr).toContain('✓ 001-06: 1 succeeded');
    expect(code).toBe(0);
  });
});

describe.concurrent('001-07, one link of a chain', () => {
  test.each(both)('alone it is a syntax error (.%s)', async (as) => {
    const {code, stdout, stderr} = await runBlock('001-07', {as});
    expect(linesOf(stderr)).toEqual([
      `error: 001-07.${as}:1: unexpected symbol near ':'`,
      '  1 | :delegate_to("mariguica")  -- funciona perfeitamente!',
      '    | ^',
    ]);
    expect({code, stdout}).toEqual({code: 3, stdout: ''});
  });

  test('on a task it is refused before anything runs', async () => {
    const before = 'task("t"):command(function() print("ran") return true end)';
    const {code, stdout, stderr} = await runBlock('001-07', {before, as: 'sloth'});
    expect(stderr).toMatch(/^error: 001-07\.sloth:1: task 't': .*delegate_to/);
    expect({code, stdout}).toEqual({code: 3, stdout: ''});
  });
});
