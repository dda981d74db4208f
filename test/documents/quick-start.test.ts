import {describe, expect, test} from 'vitest';
import {type Driver, linesOf, loggedIn, numbered, runBlock} from './run-script.js';

/** The quick start of the goroutine module. What uses `task` is run as a task file, the rest as both kinds of file. */

const both = ['lua', 'sloth'] as const;

describe.concurrent('000-01, a pool in thirty seconds', () => {
  test('runs ten jobs on five workers, then ends the task', async () => {
    const {code, stderr, ms} = await runBlock('000-01', {as: 'sloth'});
    const logged = loggedIn(stderr);
    const jobs = numbered(10, (number) => `Executando tarefa ${number} em paralelo!`);
    expect(logged.slice(0, 10).sort()).toEqual(jobs.sort());
    expect(logged.slice(10)).toEqual(['✅ Todas as 10 tarefas concluídas!']);
    expect(stderr).toContain('✓ demo: 1 succeeded');
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(20_000);
  });

  test('is no script: a .lua file has no tasks', async () => {
    const {code, stderr} = await runBlock('000-01');
    expect(stderr).toContain("000-01.lua:3: attempt to call a nil value (global 'task')");
    expect(code).toBe(1);
  });
});

describe.concurrent('000-02, worker pools', () => {
  test.each(both)('a hundred jobs are completed (.%s)', async (as) => {
    const after = 'local s = goroutine.pool_stats("mypool") print(s.completed, s.failed, s.queued, s.active)';
    const {code, stdout, stderr} = await runBlock('000-02', {after, as});
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: '100\t0\t0\t0\n', stderr: ''});
  });
});

describe.concurrent('000-03, async and await', () => {
  test.each(both)('the result is logged (.%s)', async (as) => {
    const before = 'function fetch_data_from_api() goroutine.sleep(50) return "dados" end';
    const {code, stdout, stderr} = await runBlock('000-03', {before, as});
    expect(loggedIn(stderr)).toEqual(['Resultado: dados']);
    expect({code, stdout}).toEqual({code: 0, stdout: ''});
  });

  test('an error that was awaited is not reported', async () => {
    const {code, output} = await runBlock('000-03');
    expect({code, output}).toEqual({code: 0, output: ''});
  });
});

describe.concurrent('000-04, spawning', () => {
  test.each(both)('six goroutines run (.%s)', async (as) => {
    const {code, stderr} = await runBlock('000-04', {as});
    expect(loggedIn(stderr).sort()).toEqual(['Executando em paralelo!', ...numbered(5, (id) => `Worker ${id}`)]);
    expect(code).toBe(0);
  });
});

describe.concurrent('000-05, a wait group', () => {
  test.each(both)('waits for three (.%s)', async (as) => {
    const before = numbered(3, (id) => `function task${id}() log.info("${id}") end`).join(' ');
    const {code, stderr} = await runBlock('000-05', {before, after: 'log.info("todas")', as});
    const logged = loggedIn(stderr);
    expect(logged.slice(0, 3).sort()).toEqual(['1', '2', '3']);
    expect(logged.slice(3)).toEqual(['todas']);
    expect(code).toBe(0);
  });

  test.each(both)('three failures are the cause of a deadlock, and in its report (.%s)', async (as) => {
    const {code, stderr} = await runBlock('000-05', {as});
    const [before = '', report = ''] = stderr.split('error: deadlock: ');
    expect(report).toContain(`main goroutine 1 is blocked in wg:wait at 000-05.${as}:8`);
    const [, causes = ''] = report.split('errors before the deadlock:');
    for (const [index, name] of ['task1', 'task2', 'task3'].entries()) {
      const message = `000-05.${as}:${index + 4}: attempt to call a nil value (global '${name}')`;
      expect(before).toContain(`${message}\nstack traceback:`);
      expect(before).toContain(`spawned at 000-05.${as}:${index + 4} by goroutine 1`);
      expect(causes).toContain(message);
    }
    expect(code).toBe(5);
  });
});

describe.concurrent('000-06, several files', () => {
  test('a file with a task and no workflow runs that task', async () => {
    const {code, stderr} = await runBlock('000-06', {as: 'sloth'});
    const logged = loggedIn(stderr);
    for (const number of [1, 2, 3]) {
      const [started, ended] = [`Processando /data/file${number}.csv`, `✅ /data/file${number}.csv concluído`];
      expect(logged.filter((line) => line.includes(`file${number}`))).toEqual([started, ended]);
    }
    expect(logged.length).toBe(6);
    expect(stderr).toContain('✓ 000-06: 1 succeeded');
    expect(code).toBe(0);
  });
});

describe.concurrent('000-07, a health check', () => {
  // Stands in for an HTTP client.
  const http = (status: number): Driver => {
    const answer = `{status = u:find("api2") and ${status} or 200}`;
    const get = `function(u) goroutine.sleep(100) return ${answer} end`;
    return {before: `package.preload.http = function() return {get = ${get}} end`, as: 'sloth'};
  };

  test('one bad service fails the task', async () => {
    const {code, stderr} = await runBlock('000-07', http(503));
    expect(loggedIn(stderr)).toEqual(['❌ Serviço 2 não está saudável']);
    expect(stderr).toContain('✗ 000-07: 1 failed');
    expect(code).toBe(4);
  });

  test('none is success', async () => {
    const {code, stderr} = await runBlock('000-07', http(200));
    expect(loggedIn(stderr)).toEqual([]);
    expect(stderr).toContain('✓ 000-07: 1 succeeded');
    expect(code).toBe(0);
  });
});

describe.concurrent('000-08, a pipeline', () => {
  test('builds, then tests', async () => {
    const {code, stderr} = await runBlock('000-08', {as: 'sloth'});
    const logged = loggedIn(stderr);
    const builds = ['backend', 'frontend', 'mobile'].map((part) => `Building ${part}...`);
    const tests = ['e2e', 'integration', 'security', 'unit'].map((suite) => `Running ${suite} tests...`);
    expect(logged[0]).toBe('🏗️ Stage 1: Build');
    expect(logged.slice(1, 4).sort()).toEqual(builds);
    expect(logged.slice(4, 6)).toEqual(['✅ Builds concluídos', '🧪 Stage 2: Tests']);
    expect(logged.slice(6, 10).sort()).toEqual(tests);
    expect(logged.slice(10)).toEqual(['✅ Tests concluídos']);
    expect(code).toBe(0);
  });
});

describe.concurrent('000-09, an idle pool', () => {
  test.each(both)('is neither a deadlock nor work (.%s)', async (as) => {
    const {code, output} = await runBlock('000-09', {as});
    expect({code, output}).toEqual({code: 0, output: ''});
  });
});

describe.concurrent('000-10, a timeout', () => {
  test.each(both)('that was not needed does not hold the program (.%s)', async (as) => {
    // A wait for the timer would be longer than any test.
    const {code, stdout} = await runBlock('000-10', {replace: {'5000': '3600000'}, after: 'print(success)', as});
    expect({code, stdout}).toEqual({code: 0, stdout: 'true\n'});
  });
});

describe.concurrent('000-11, a wait group for n', () => {
  test.each(both)('of none waits for nobody (.%s)', async (as) => {
    const {code, output} = await runBlock('000-11', {before: 'n = 0', as});
    expect({code, output}).toEqual({code: 0, output: ''});
  });

  test('whose n is nil is an error of add', async () => {
    const {code, stderr} = await runBlock('000-11');
    expect(linesOf(stderr)[0]).toMatch(/^error: 000-11\.lua:2: bad argument #1 to 'add' \(number expected, got nil\)$/);
    expect(code).toBe(1);
  });
});
