import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {CommandLine, type Finished} from './command-line.js';

/** The programs of two documents about the goroutine module, as they stand there; `NN` counts them from the top. */
const cli = new CommandLine();

interface Driver {
  readonly before?: string;
  readonly after?: string;
  readonly extension?: 'lua' | 'sloth';
  readonly replace?: readonly [from: string, to: string];
}

function runBlock(
  block: string,
  {before = '', after = '', extension = 'sloth', replace}: Driver = {},
): Promise<Finished> {
  const path = fileURLToPath(new URL(`./fixtures/${block}.lua`, import.meta.url));
  const text = readFileSync(path, 'utf8');
  const changed = replace ? text.replaceAll(...replace) : text;
  return cli.runText(`${block}.${extension}`, `${before}${changed}${after}`);
}

const lines = (text: string) => text.split('\n').filter(Boolean);

/** The lines of the output that hold a text, each without what the log puts before it. */
const having = (output: string, text: string) => lines(output).filter((line) => line.includes(text));

describe('the quick start', () => {
  test('01: ten jobs on five workers take two seconds, then the task ends', async () => {
    const {code, output, ms} = await runBlock('quick-start-01');
    const jobs = having(output, 'em paralelo!');
    expect(new Set(jobs.map((line) => /Executando tarefa (\d+) em/.exec(line)?.[1]))).toEqual(
      new Set(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']),
    );
    expect(jobs.length).toBe(10);
    expect(output.indexOf('✅ Todas as 10 tarefas concluídas!')).toBeGreaterThan(output.lastIndexOf('em paralelo!'));
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(4000);
  });

  test('02: a pool completes a hundred jobs', async () => {
    const after = 'local s = goroutine.pool_stats("mypool") print(s.completed, s.failed, s.queued, s.active)';
    const {code, stdout} = await runBlock('quick-start-02', {after});
    expect({code, stdout}).toEqual({code: 0, stdout: '100\t0\t0\t0\n'});
  });

  test('03: await answers with the result', async () => {
    const before = 'function fetch_data_from_api() goroutine.sleep(50) return "dados" end\n';
    const {code, output} = await runBlock('quick-start-03', {before});
    expect(having(output, 'Resultado: dados').length).toBe(1);
    expect(code).toBe(0);
  });

  test('03: an error that was awaited is not reported', async () => {
    expect(await runBlock('quick-start-03')).toMatchObject({code: 0, output: ''});
  });

  test('04: spawned goroutines all run', async () => {
    const {code, output} = await runBlock('quick-start-04');
    const said = lines(output).map((line) => /(Executando em paralelo!|Worker \d)$/.exec(line)?.[1]);
    expect(said.sort()).toEqual(['Executando em paralelo!', ...[1, 2, 3, 4, 5].map((id) => `Worker ${id}`)]);
    expect(code).toBe(0);
  });

  test('05: a wait group waits for three', async () => {
    const tasks = [1, 2, 3].map((id) => `function task${id}() log.info("<${id}>") end`).join(' ');
    const {code, output} = await runBlock('quick-start-05', {before: `${tasks}\n`, after: 'log.info("todas")'});
    const said = lines(output).map((line) => /(<\d>|todas)$/.exec(line)?.[1]);
    expect(said.slice(0, 3).sort()).toEqual(['<1>', '<2>', '<3>']);
    expect(said.slice(3)).toEqual(['todas']);
    expect(code).toBe(0);
  });

  test('05: without the functions it names, it is a deadlock with their errors', async () => {
    const {code, output} = await runBlock('quick-start-05');
    for (const name of ['task1', 'task2', 'task3']) expect(output).toContain(`global '${name}'`);
    expect(output).toMatch(/deadlock/i);
    expect(output).toContain('quick-start-05.sloth:8');
    expect(code).toBe(5);
  });

  test('06: a file with one task and no workflow', async () => {
    const {code, output} = await runBlock('quick-start-06');
    for (const number of [1, 2, 3]) {
      const started = output.indexOf(`Processando /data/file${number}.csv`);
      expect(started).toBeGreaterThan(-1);
      expect(output.indexOf(`✅ /data/file${number}.csv concluído`)).toBeGreaterThan(started);
    }
    expect(code).toBe(0);
  });

  test.each([
    [503, 4, 1],
    [200, 0, 0],
  ])('07: a health check where one service answers %d ends with %d', async (status, code, complaints) => {
    const answer = `{status = u:find("api2") and ${status} or 200}`;
    const before = `package.preload.http = function() return {get = function(u) goroutine.sleep(100) return ${answer} end} end\n`;
    const finished = await runBlock('quick-start-07', {before});
    expect(having(finished.output, '❌ Serviço 2 não está saudável').length).toBe(complaints);
    expect(having(finished.output, '❌').length).toBe(complaints);
    expect(finished.code).toBe(code);
  });

  test('08: a pipeline builds, then tests', async () => {
    const {code, output} = await runBlock('quick-start-08');
    const order = [
      'Stage 1: Build',
      'Building',
      '✅ Builds concluídos',
      'Stage 2: Tests',
      'Running',
      '✅ Tests concluídos',
    ];
    for (const [position, text] of order.slice(1).entries()) {
      expect(output.lastIndexOf(order[position] ?? '')).toBeLessThan(output.indexOf(text));
    }
    expect(having(output, 'Building ').length).toBe(3);
    expect(having(output, 'Running ').length).toBe(4);
    expect(code).toBe(0);
  });

  test('09: an idle pool holds nothing open', async () => {
    expect(await runBlock('quick-start-09')).toMatchObject({code: 0, output: ''});
  });

  test('10: a timeout that was not needed ends at once', async () => {
    const {code, stdout, ms} = await runBlock('quick-start-10', {after: 'print(success)'});
    expect({code, stdout}).toEqual({code: 0, stdout: 'true\n'});
    expect(ms).toBeLessThan(4000);
  });

  test('11: a wait group of none waits for nobody', async () => {
    expect((await runBlock('quick-start-11', {before: 'n = 0\n'})).code).toBe(0);
  });

  test('11: a count that is nil is an error of add', async () => {
    const {code, output} = await runBlock('quick-start-11');
    expect(output).toMatch(/quick-start-11\.sloth:2: bad argument #1 to '[\w.]*add'/);
    expect(code).toBe(1);
  });
});

describe('the overview', () => {
  test('01: spawns end', async () => {
    expect((await runBlock('overview-01')).code).toBe(0);
  });

  test('02: a placeholder is a syntax error that says so', async () => {
    const {code, output} = await runBlock('overview-02');
    expect(output).toContain("overview-02.sloth:2: unexpected symbol near '...'");
    expect(output).toContain('hint: `...` stands for code here');
    expect(code).toBe(3);
    expect((await runBlock('overview-02', {replace: [' ... ', ' ']})).code).toBe(0);
  });

  test('03: results come in order', async () => {
    const before = 'function fetch_data() return 1 end function fetch_more() return 2 end\n';
    const after = 'print(success, data, #results, results[1].values[1], results[2].values[1])';
    expect(await runBlock('overview-03', {before, after})).toMatchObject({code: 0, stdout: 'true\t1\t2\t1\t2\n'});
  });

  test('04: a wait group nobody ends is a deadlock', async () => {
    const {code, output} = await runBlock('overview-04');
    expect(output).toContain('overview-04.sloth:4');
    expect(code).toBe(5);
    const spawn = 'goroutine.spawn(function() wg:done() end)';
    const ended = await runBlock('overview-04', {
      replace: ['-- spawn tasks with wg:done()', `${spawn} ${spawn} ${spawn}`],
    });
    expect(ended.code).toBe(0);
  });

  test('05: without its placeholder it takes one second, not six', async () => {
    expect((await runBlock('overview-05')).code).toBe(3);
    const {code, ms} = await runBlock('overview-05', {replace: [' ... ', ' ']});
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(1000);
    expect(ms).toBeLessThan(4000);
  });

  test('06: a file without workflow runs its task', async () => {
    const {code, output} = await runBlock('overview-06');
    expect(output).toContain('✓ example');
    expect(code).toBe(0);
  });

  test('07: delegate_to is refused', async () => {
    expect((await runBlock('overview-07')).code).toBe(3);
    const before = 'task("t"):command(function() return true end)\n';
    const {code, output} = await runBlock('overview-07', {before});
    expect(output).toContain("overview-07.sloth:2: task 't': method 'delegate_to' is not supported yet");
    expect(code).toBe(3);
  });
});
