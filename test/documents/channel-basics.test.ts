import {describe, expect, test} from 'vitest';
import {blockText, linesOf, matches, numbered, runBlock, runText} from './run-script.js';

/** The channel document, blocks 1 to 6: channels, goroutines and select. */

describe.concurrent('004-01, creating and using channels', () => {
  test('is a deadlock as it stands: it sends to itself', async () => {
    const {code, stdout, stderr} = await runBlock('004-01');
    expect(stderr).toMatch(/deadlock/);
    expect(stderr).toContain('main goroutine 1 is blocked in channel send at 004-01.lua:6');
    expect({code, stdout}).toEqual({code: 5, stdout: ''});
  });

  test('does what its comments say once somebody else sends', async () => {
    const {code, stdout} = await runBlock('004-01', {
      replace: {
        'ch:send("hello") ': 'go.spawn(function() ch:send("hello") end) ',
        'local ok = ch:try_send("data")': 'print(ch:try_send("data"))',
        'local val, ok = ch:try_receive()': 'print(ch:try_receive())',
        'local val, ok = ch:receive()': 'print(ch:receive())',
      },
      after: `
        print(ch2:cap(), ch2:len())
        print(pcall(ch.send, ch, "late"))
        print(pcall(ch.close, ch))`,
    });
    expect(linesOf(stdout)).toEqual([
      'hello',
      'false',
      'nil\tfalse\tempty',
      'nil\tfalse',
      '10\t0',
      'false\tsend on closed channel',
      'false\tclose of closed channel',
    ]);
    expect(code).toBe(0);
  });

  test('a buffer takes as many as it has room for, and gives them after closing too', async () => {
    const {code, stdout} = await runBlock('004-01', {
      replace: {'ch:send("hello") ': 'go.spawn(function() ch:send("hello") end) '},
      after: `
        local two = channel.make(2)
        print(two:try_send(1), two:try_send(2), two:try_send(3))
        two:close()
        print(two:receive()) print(two:receive()) print(two:receive()) print(two:try_receive())`,
    });
    expect(linesOf(stdout)).toEqual([
      'hello',
      'true\ttrue\tfalse',
      '1\ttrue',
      '2\ttrue',
      'nil\tfalse',
      'nil\tfalse\tclosed',
    ]);
    expect(code).toBe(0);
  });
});

describe.concurrent('004-02, a basic goroutine', () => {
  test.each(['lua', 'sloth'] as const)('runs two goroutines at the same time and waits for both (.%s)', async (as) => {
    const {code, stdout, stderr, ms} = await runBlock('004-02', {as});
    const lines = linesOf(stdout);
    const workers = numbered(5, (number) => `worker: ${number}`);
    expect([...lines].sort()).toEqual([...workers, 'Running in goroutine', 'Goroutine done'].sort());
    expect(lines.filter((line) => line.startsWith('worker'))).toEqual(workers);
    expect(lines.indexOf('Running in goroutine')).toBeLessThan(lines.indexOf('Goroutine done'));
    // One after the other, the first would be done before the worker starts.
    expect(lines.indexOf('worker: 1')).toBeLessThan(lines.indexOf('Goroutine done'));
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(ms).toBeGreaterThan(1000);
    expect(ms).toBeLessThan(10_000);
  });

  test('ends with its main chunk under --no-wait', async () => {
    const {code, stdout} = await runBlock('004-02', {flags: ['--no-wait']});
    expect(stdout).not.toContain('Goroutine done');
    expect(code).toBe(0);
  });
});

describe.concurrent('004-03, producer and consumer', () => {
  test('keeps the order, and the producer is never more than the buffer ahead', async () => {
    const {code, stdout, ms} = await runBlock('004-03');
    const lines = linesOf(stdout);
    const produced = numbered(10, (number) => `Produced:\t${number}`);
    const consumed = numbered(10, (number) => `Consumed:\t${number}`);
    expect(lines.filter((line) => line.startsWith('Produced'))).toEqual(produced);
    expect(lines.filter((line) => line.startsWith('Consumed'))).toEqual(consumed);
    expect(lines.at(-1)).toBe('All done!');
    expect(lines.length).toBe(21);
    const at = (line: string | undefined) => lines.indexOf(line ?? '');
    for (const [index, line] of consumed.entries()) {
      if (index > 0) expect(at(line)).toBeGreaterThan(at(produced[index - 1]));
    }
    for (const [index, line] of produced.entries()) {
      if (index >= 6) expect(at(line)).toBeGreaterThan(at(consumed[index - 6]));
    }
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(20_000);
  });
});

describe.concurrent('004-04, a basic select', () => {
  test.each(['lua', 'sloth'] as const)("answers with the handler's results and loses nothing (.%s)", async (as) => {
    const {code, stdout, ms} = await runBlock('004-04', {as});
    expect(linesOf(stdout)).toEqual([
      'ch1:\tfrom ch1',
      'Selected case\t1\twith value\tfrom ch1',
      'ch2:\tfrom ch2',
      'Selected case\t2\twith value\tfrom ch2',
    ]);
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(20_000);
  });
});

describe.concurrent('004-05, select with a timeout', () => {
  test('a wait with a timeout is no deadlock', async () => {
    const {code, stdout, stderr, ms} = await runBlock('004-05');
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: 'Timeout!\n', stderr: ''});
    expect(ms).toBeGreaterThan(1000);
    expect(ms).toBeLessThan(10_000);
  });
});

describe.concurrent('004-06, select with a default', () => {
  test('sends to one of two channels with room', async () => {
    const {code, stdout} = await runBlock('004-06');
    expect(stdout).toMatch(/^Result:\tsent to ch[12]\n$/);
    expect(code).toBe(0);
  });

  test('chooses both in two hundred rounds, and sends exactly one value in each', async () => {
    const block = await blockText('004-06');
    const check = `
      assert(ch1:len() + ch2:len() == 1)
      local sent = result[1] == "sent to ch1" and ch1 or ch2
      assert(sent:receive() == (sent == ch1 and "data1" or "data2"))`;
    const {code, stdout, stderr} = await runText('rounds.lua', `for _ = 1, 200 do\n${block}\n${check}\nend`);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const chosen = matches(linesOf(stdout), /^Result:\tsent to (ch[12])$/);
    expect(chosen.length).toBe(200);
    expect(new Set(chosen)).toEqual(new Set(['ch1', 'ch2']));
  });

  test('takes the default when neither has room', async () => {
    const second = 'local ch2 = channel.make(1)';
    const {code, stdout} = await runBlock('004-06', {replace: {[second]: `${second} ch1:send(0) ch2:send(0)`}});
    expect({code, stdout}).toEqual({code: 0, stdout: 'Result:\tnothing ready\n'});
  });
});
