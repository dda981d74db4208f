import {describe, expect, test} from 'vitest';
import {linesOf, numbered, runBlock} from './run-script.js';

/** The channel document, blocks 13 to 15: cleaning up, timeouts and shutting down. */

describe.concurrent('004-13, channel cleanup', () => {
  const receiveAll = 'for v in channel.range(ch) do print(v) end';

  test('a sender nobody listens to is a deadlock, and its defer runs', async () => {
    const close = 'function() ch:close() end';
    const {code, stdout, stderr} = await runBlock('004-13', {
      replace: {[close]: 'function() ch:close() print("closed") end'},
    });
    expect(stderr).toContain('goroutine 2 is blocked in channel send at 004-13.lua:8');
    expect(stderr).toContain('1 goroutine is blocked');
    expect({code, stdout}).toEqual({code: 5, stdout: 'closed\n'});
  });

  test('is one as it stands', async () => {
    const {code, stdout, stderr} = await runBlock('004-13');
    expect(stderr).toContain('goroutine 2 is blocked in channel send at 004-13.lua:8');
    expect({code, stdout}).toEqual({code: 5, stdout: ''});
  });

  test.each(['lua', 'sloth'] as const)(
    'with a receiver the loop ends, because defer closed the channel (.%s)',
    async (as) => {
      const {code, stdout, stderr} = await runBlock('004-13', {after: receiveAll, as});
      expect(linesOf(stdout)).toEqual(numbered(10, String));
      expect({code, stderr}).toEqual({code: 0, stderr: ''});
    },
  );

  test('it ends after an error too, and the error is reported', async () => {
    const {code, stdout, stderr} = await runBlock('004-13', {
      replace: {'ch:send(i)': 'if i == 4 then error("no four") end ch:send(i)'},
      after: receiveAll,
    });
    expect(linesOf(stdout)).toEqual(['1', '2', '3']);
    expect(stderr).toContain('004-13.lua:8: no four');
    expect(stderr).toContain('spawned at 004-13.lua:4 by goroutine 1');
    expect(code).toBe(1);
  });
});

describe.concurrent('004-14, timeout protection', () => {
  const show = 'local function show(...) print(select("#", ...), ...) end';

  test('defines a function and prints nothing', async () => {
    const {code, output} = await runBlock('004-14');
    expect({code, output}).toEqual({code: 0, output: ''});
  });

  test('a value, an empty channel and a closed one have different results', async () => {
    const {code, stdout} = await runBlock('004-14', {
      after: `${show}
        local ch = channel.make(3)
        ch:send("v") show(safe_receive(ch, 1))
        ch:send(false) show(safe_receive(ch, 1))
        show(safe_receive(ch, 0.01))
        show(safe_receive(ch, 0))
        ch:close() show(safe_receive(ch, 1))`,
    });
    expect(linesOf(stdout)).toEqual([
      '2\tv\ttrue',
      '2\tfalse\ttrue',
      '3\tnil\tfalse\ttimeout',
      '3\tnil\tfalse\ttimeout',
      '2\tnil\tfalse',
    ]);
    expect(code).toBe(0);
  });

  test('waits five seconds unless told otherwise', async () => {
    const {code, stdout, ms} = await runBlock('004-14', {after: `${show} show(safe_receive(channel.make()))`});
    expect({code, stdout}).toEqual({code: 0, stdout: '3\tnil\tfalse\ttimeout\n'});
    expect(ms).toBeGreaterThan(5000);
    expect(ms).toBeLessThan(50_000);
  });
});

describe.concurrent('004-15, graceful shutdown', () => {
  const ended = ['Worker shutting down', 'Shutdown complete'];

  test('a case without a channel is an error, and part of the report of the deadlock', async () => {
    const {code, stdout, stderr} = await runBlock('004-15');
    expect(stderr).toContain('main goroutine 1 is blocked in channel receive at 004-15.lua:31');
    expect(stderr).toMatch(/errors before the deadlock:\n.*004-15\.lua:8: select case 1: .*got nil/);
    expect({code, stdout}).toEqual({code: 5, stdout: ''});
  });

  test('the worker ends when shutdown is closed', async () => {
    const {code, stdout, stderr} = await runBlock('004-15', {before: 'work_queue = channel.make(10)'});
    expect(linesOf(stdout)).toEqual(ended);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });

  test('or when the queue is', async () => {
    const {code, stdout} = await runBlock('004-15', {
      before: 'work_queue = channel.make(10) work_queue:close()',
      replace: {'shutdown:close()': ''},
    });
    expect(linesOf(stdout)).toEqual(['Shutdown complete']);
    expect(code).toBe(0);
  });

  test('some of the queued jobs may be done before', async () => {
    const {code, stdout} = await runBlock('004-15', {
      before:
        'work_queue = channel.make(10) for i = 1, 3 do work_queue:send(i) end function process_job(n) print("job " .. n) end',
    });
    const lines = linesOf(stdout);
    expect(lines.slice(-2)).toEqual(ended);
    const jobs = lines.slice(0, -2);
    expect(jobs).toEqual(numbered(jobs.length, (number) => `job ${number}`));
    expect(jobs.length).toBeLessThanOrEqual(3);
    expect(code).toBe(0);
  });

  test('a handler may block', async () => {
    const {code, stdout} = await runBlock('004-15', {
      before: [
        'work_queue, started, finish = channel.make(10), channel.make(), channel.make()',
        'function process_job(n) started:send(n) finish:receive() print("job " .. n) end',
        'work_queue:send(1)',
      ].join(' '),
      replace: {'shutdown:close()': 'started:receive() shutdown:close() finish:send(true)'},
    });
    expect(linesOf(stdout)).toEqual(['job 1', ...ended]);
    expect(code).toBe(0);
  });
});
