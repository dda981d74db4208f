import {describe, expect, it} from 'vitest';
import {inWorker, runProcess} from './process.js';

const lua = JSON.stringify;

// Spawns without end, in every way, and calls the host.
const restless = `
  local function burst(n)
    local results = channel.make(4)
    for i = 1, n do
      goroutine.parallel(function() results:send(host(i)) end)
      goroutine.shared(function() goroutine.sleep(1) results:send(host(i)) end)
    end
    for _ = 1, 2 * n do results:receive() end
  end
  while true do burst(5) end`;

/** Rounds of worker threads that are terminated at random moments; the process checks its own memory. */
function rounds(count: number, threads: number): string {
  const inside = `
    const runtime = new Runtime({workers: 2, ...quiet});
    runtime.start(${lua(restless)}, {globals: {host: async (i) => { await null; return i; }}});
    parentPort.postMessage('started');`;
  const outside = `
    const memory = [];
    for (let round = 1; round <= ${count}; round++) {
      await Promise.all(Array.from({length: ${threads}}, async () => {
        const worker = start();
        await once(worker, 'message');
        await sleep(Math.random() * 30);
        await worker.terminate();
      }));
      const runtime = new Runtime({workers: 1, ...quiet});
      check((await runtime.run('return goroutine.count()'))[0] === 1, 'nothing of the threads is alive');
      await runtime.close();
      const {goroutines, islands} = runtime.stats();
      check(goroutines === 0 && islands === 0, 'nothing is left: ' + JSON.stringify(runtime.stats()));
      memory.push(process.memoryUsage().rss / 2 ** 20);
    }
    console.log(JSON.stringify({early: Math.max(...memory.slice(0, Math.ceil(${count} / 5))), late: memory.at(-1)}));`;
  return inWorker(inside, outside);
}

describe('worker threads that are terminated at random moments', () => {
  it('crash nothing, keep no memory and leave nothing alive', async () => {
    const scale = Number(process.env['SLOTH_STRESS_SCALE'] ?? 1);
    const count = Math.max(5, Math.round(25 * scale));
    const {code, signal, stdout, stderr} = await runProcess(rounds(count, 4));
    expect({code, signal, stderr}).toEqual({code: 0, signal: null, stderr: ''});
    const {early, late} = JSON.parse(stdout) as {early: number; late: number};
    // Node itself keeps some 12 KiB of each thread that was terminated.
    if (scale === 1) expect(late - early).toBeLessThan(25);
  }, 120_000);
});

describe('ten thousand host calls', () => {
  it('in flight at once are all answered', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const waiting = [];
      const host = (i) => new Promise((resolve) => waiting.push(() => resolve(i)));
      const run = runtime.start(
        'local wg, sum = goroutine.wait_group(), goroutine.atomic_int() for i = 1, 10000 do wg:go(function() sum:add(host(i)) end) end wg:wait() return sum:load()',
        {globals: {host}});
      while (waiting.length < 10000) await sleep(1);
      check(waiting.length === 10000, 'each was called once');
      for (const answer of waiting.sort(() => Math.random() - 0.5)) answer();
      check((await run.result)[0] === 50005000, 'each got its own answer');
      await runtime.close();`);
    expect(ended).toMatchObject({code: 0, signal: null, stderr: ''});
  });
});
