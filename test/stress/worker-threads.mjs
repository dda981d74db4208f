// Rounds of worker threads, each with a runtime of two workers that spawns and calls the host without end. Most are terminated
// at random moments, the others close and tell what is left alive. Checks itself; prints one line of JSON.
//
//   node --expose-gc test/stress/worker-threads.mjs '{"rounds": 100, "threads": 8, "seed": 1}'
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {isMainThread, parentPort, Worker} from 'node:worker_threads';
import {Runtime} from '../../dist/index.js';

const restless = `
  local function burst(n)
    local results = channel.make(4)
    for i = 1, n do
      goroutine.parallel(function() results:send(host(i)) end)
      goroutine.shared(function() goroutine.sleep(1) results:send(host(i)) end)
    end
    for _ = 1, 2 * n do results:receive() end
  end
  while true do
    burst(5)
    for n in numbers(3):range() do end
    print("out")
  end`;

/** In a worker thread: works until it is terminated, or told to close. */
async function work() {
  const runtime = new Runtime({workers: 2, graceMs: 50, stdout() {}, stderr() {}});
  const globals = {
    host: async (i) => {
      await null;
      return i;
    },
    async *numbers(count) {
      for (let i = 0; i < count; i++) yield i;
    },
  };
  runtime.start(restless, {globals});
  parentPort.once('message', async () => {
    await runtime.close();
    const {runs, goroutines, islands, stuck} = runtime.stats();
    parentPort.postMessage({runs, goroutines, islands, stuck});
  });
  parentPort.postMessage('started');
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const threadsAlive = () => readdirSync('/proc/self/task').length;

function check(ok, what) {
  if (!ok) throw new Error(`not so: ${what}`);
}

async function runThread(random, closes) {
  const worker = new Worker(new URL(import.meta.url));
  const [said] = await once(worker, 'message');
  check(said === 'started', 'a thread starts');
  await sleep(random() * 30);
  if (closes) {
    worker.postMessage('close');
    const [left] = await once(worker, 'message');
    check(left.runs + left.goroutines + left.islands === 0, `nothing is alive after closing: ${JSON.stringify(left)}`);
  }
  await worker.terminate();
}

async function main({rounds, threads, seed}) {
  const random = randomFrom(seed);
  const mebibytes = [];
  // What Node starts once for itself is there after the first round.
  let atRest = 0;
  for (let round = 1; round <= rounds; round++) {
    await Promise.all(Array.from({length: threads}, (_, i) => runThread(random, i % 4 === 0)));
    if (round === 1) atRest = threadsAlive();
    for (let i = 0; i < 200 && threadsAlive() > atRest; i++) await sleep(10);
    check(threadsAlive() <= atRest, `no thread is left in round ${round}: ${threadsAlive()}, not ${atRest}`);
    globalThis.gc?.();
    mebibytes.push(Math.round(process.memoryUsage().rss / 2 ** 20));
  }
  const [early, late] = [mebibytes[19] ?? mebibytes.at(-1), mebibytes.at(-1)];
  check(late <= early * 1.15, `memory stays: ${early} MiB after round 20, ${late} MiB after round ${rounds}`);
  console.log(JSON.stringify({rounds, threads, seed, early, late}));
}

if (isMainThread) await main(JSON.parse(process.argv[2]));
else await work();
