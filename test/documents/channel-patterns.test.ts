import {describe, expect, test} from 'vitest';
import {blockText, linesOf, matches, numbered, runBlock, runText} from './run-script.js';

/** The channel document, blocks 7 to 9: a pool, a pipeline, and counting in a captured variable. */

describe.concurrent('004-07, a worker pool', () => {
  test.each(['lua', 'sloth'] as const)('does each job once, and every worker ends (.%s)', async (as) => {
    const {code, stdout, stderr} = await runBlock('004-07', {as});
    const lines = linesOf(stdout);
    const jobs = lines.flatMap((line) => {
      const [, id, worker, result] = /^Job (\d+) processed by worker ([1-5]): (\d+)$/.exec(line) ?? [];
      return id ? [{id: Number(id), worker, result: Number(result), line}] : [];
    });
    expect(jobs.map(({id}) => id).sort((a, b) => a - b)).toEqual(numbered(20, Number));
    for (const {id, result} of jobs) expect(result).toBe(id * 20);
    const workers = numbered(5, String);
    expect(matches(lines, /^Worker\t(\d)\tstarted$/).sort()).toEqual(workers);
    expect(matches(lines, /^Worker\t(\d)\tfinished$/).sort()).toEqual(workers);
    for (const {worker, line} of jobs) {
      expect(lines.indexOf(`Worker\t${worker}\tstarted`)).toBeLessThan(lines.indexOf(line));
    }
    expect(lines.length).toBe(30);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });
});

describe.concurrent('004-08, pipeline processing', () => {
  test('keeps the order through four stages', async () => {
    const {code, stdout} = await runBlock('004-08');
    const lines = linesOf(stdout);
    const results = lines.slice(0, -1).map((line) => {
      const [, id = '', final = ''] = /^Result (\d+): (\d+)$/.exec(line) ?? [];
      return {id: Number(id), final: Number(final)};
    });
    expect(lines.at(-1)).toBe(`Processed\t${results.length}\titems`);
    for (const [index, {id, final}] of results.entries()) {
      expect(id).toBeGreaterThan(results[index - 1]?.id ?? 0);
      expect(final % 2).toBe(0);
      expect(final).toBeGreaterThanOrEqual(62);
      expect(final).toBeLessThanOrEqual(210);
    }
    // A hundred values of which three in four go on: this misses once in a million years.
    expect(results.length).toBeGreaterThan(40);
    expect(results.length).toBeLessThan(100);
    expect(code).toBe(0);
  });

  test.each([
    ['50', 100],
    ['25', 0],
  ])('a replaced math.random is the one goroutines see: %s', async (answer, count) => {
    const {code, stdout} = await runBlock('004-08', {before: `math.random = function() return ${answer} end`});
    const results = numbered(count, (id) => `Result ${id}: 110`);
    expect(linesOf(stdout)).toEqual([...results, `Processed\t${count}\titems`]);
    expect(code).toBe(0);
  });

  test('gives the same values again with the same seed', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => runBlock('004-08', {flags: ['--seed', '7']})));
    expect(linesOf(one?.stdout ?? '').slice(0, 5)).toEqual(linesOf(other?.stdout ?? '').slice(0, 5));
  });
});

describe.concurrent('004-09, fan-out and fan-in', () => {
  const squares = numbered(20, (number) => `${number} -> ${number * number}`);

  function check(lines: readonly string[]) {
    expect([...matches(lines, /^Worker [1-3] processed (.*)$/)].sort()).toEqual([...squares].sort());
    expect(lines.length).toBe(20);
    for (const worker of ['1', '2', '3']) {
      const done = matches(lines, new RegExp(`^Worker ${worker} processed (\\d+)`)).map(Number);
      expect(done).toEqual([...done].sort((a, b) => a - b));
    }
  }

  test.each(['lua', 'sloth'] as const)(
    'counts in a variable that three goroutines captured, and ends (.%s)',
    async (as) => {
      const {code, stdout, stderr} = await runBlock('004-09', {as});
      check(linesOf(stdout));
      expect({code, stderr}).toEqual({code: 0, stderr: ''});
    },
  );

  test('ends each of a thousand times while others keep the cores busy', async () => {
    const block = await blockText('004-09');
    const busy = `
      local over = goroutine.atomic_int()
      go.spawn(function() while over:load() == 0 do end end)`;
    const rounds = `for _ = 1, 1000 do\n${block}\nprint("round")\nend\nover:store(1)`;
    const {code, stdout} = await runText('rounds.lua', `${busy}\n${rounds}`, ['--workers', '4']);
    const parts = stdout.split('round\n');
    expect(parts.pop()).toBe('');
    expect(parts.length).toBe(1000);
    for (const part of parts) check(linesOf(part));
    expect(code).toBe(0);
  });

  test('says which goroutines stay home, and why', async () => {
    const {code, stderr} = await runBlock('004-09', {flags: ['--explain']});
    const explained = linesOf(stderr);
    expect(explained).toContainEqual(expect.stringMatching(/004-09\.lua:9: parallel$/));
    expect(explained).toContainEqual(expect.stringMatching(/004-09\.lua:32: shared: .*'done_count'/));
    expect(code).toBe(0);
  });
});

describe.concurrent('the other programs of the document', () => {
  test.each(['004-02', '004-03', '004-04', '004-07', '004-08', '004-12'])('%s runs in parallel', async (number) => {
    const {code, stderr} = await runBlock(number, {flags: ['--explain']});
    const explained = linesOf(stderr);
    expect(explained.length).toBeGreaterThan(0);
    for (const line of explained) expect(line).toMatch(/^explain: .*: parallel$/);
    expect(code).toBe(0);
  });
});
