import {describe, expect, test} from 'vitest';
import {linesOf, runBlock} from './run-script.js';

/** The summary of features: its three blocks. */

const both = ['lua', 'sloth'] as const;

describe.concurrent('002-01, async and await', () => {
  test.each(both)('answers with the result (.%s)', async (as) => {
    const {code, stdout} = await runBlock('002-01', {after: 'print(success, result)', as});
    expect({code, stdout}).toEqual({code: 0, stdout: 'true\tresult\n'});
  });
});

describe.concurrent('002-02, parallel deployment', () => {
  const servers = 'servers = {"web-01", "web-02", "web-03", "api-01", "api-02", "db-01"}';

  test('six deployments of two seconds each are under way together', async () => {
    const before = `${servers} started = channel.make(6) function deploy_to(s) started:send(s) goroutine.sleep(2000) end`;
    const {code, stdout, ms} = await runBlock('002-02', {
      before,
      // All have started before the first can have ended.
      replace: {'local results =': 'for _ = 1, 6 do started:receive() end print(handles[1]:status()) local results ='},
      after: 'print(#results) for _, r in ipairs(results) do print(r.success, #r.values) end',
    });
    expect(linesOf(stdout)).toEqual(['waiting', '6', ...Array(6).fill('true\t0')]);
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(20_000);
  });

  test('a deployment that fails is one entry of the results', async () => {
    const deploy = 'function deploy_to(s) if s == "api-02" then error("no route to " .. s) end end';
    const {code, stdout, stderr} = await runBlock('002-02', {
      before: `${servers} ${deploy}`,
      after: 'for i, r in ipairs(results) do print(i, r.success, r.success or r.error:match("[^\\n]*")) end',
    });
    expect(linesOf(stdout)).toEqual([
      '1\ttrue\ttrue',
      '2\ttrue\ttrue',
      '3\ttrue\ttrue',
      '4\ttrue\ttrue',
      '5\tfalse\t002-02.lua:1: no route to api-02',
      '6\ttrue\ttrue',
    ]);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });
});

describe.concurrent('002-03, a worker pool', () => {
  const statistics = 'local s = goroutine.pool_stats("workers") print(s.completed, s.failed)';

  test.each(both)('a hundred jobs on ten workers take ten rounds (.%s)', async (as) => {
    const before = 'function process_item(i) goroutine.sleep(100) end';
    const {code, stdout, stderr, ms} = await runBlock('002-03', {before, after: statistics, as});
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: '100\t0\n', stderr: ''});
    expect(ms).toBeGreaterThan(1000);
    expect(ms).toBeLessThan(10_000);
  });

  test('never more than ten at a time', async () => {
    const before = [
      'local running, most = goroutine.atomic_int(), goroutine.atomic_int()',
      'function process_item(i)',
      'local now = running:add(1)',
      'repeat local seen = most:load() until seen >= now or most:compare_and_swap(seen, now)',
      'goroutine.sleep(10) running:add(-1) end',
    ].join(' ');
    const {code, stdout} = await runBlock('002-03', {before, after: 'print(most:load())'});
    expect({code, stdout}).toEqual({code: 0, stdout: '10\n'});
  });

  test('a hundred failures nobody asked about are reported', async () => {
    const {code, stdout, stderr} = await runBlock('002-03');
    expect(stderr).toContain(
      "pool 'workers': 100 of 100 jobs failed, first: 002-03.lua:4: attempt to call a nil value (global 'process_item')",
    );
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
  });

  test('reading the statistics is asking', async () => {
    const {code, stdout, stderr} = await runBlock('002-03', {after: statistics});
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: '0\t100\n', stderr: ''});
  });
});
