// A function called in another thread: ours, and what worker pools of npm take for the same sum.
import {fileURLToPath} from 'node:url';
import {Piscina} from 'piscina';
import workerpool from 'workerpool';
import {Runtime} from '../../dist/index.js';
import {allInFlight, oneAfterTheOther} from '../support/in-flight.mjs';
import {workers} from '../support/lua.mjs';
import {atMost} from '../support/targets.mjs';

const peerFile = (name) => fileURLToPath(new URL(`../peers/npm/${name}.cjs`, import.meta.url));

async function measureBoth(call, count) {
  const alone = await oneAfterTheOther(call, count);
  return {alone, together: await allInFlight(call, count * 5)};
}

async function measureOurs(count) {
  const runtime = new Runtime({workers});
  try {
    const add = await runtime.load('local a, b = ... return a + b');
    return await measureBoth(() => add.call(1, 2), count);
  } finally {
    await runtime.close();
  }
}

async function measurePiscina(count) {
  const pool = new Piscina({filename: peerFile('add-piscina'), minThreads: workers, maxThreads: workers});
  try {
    return await measureBoth(() => pool.run([1, 2]), count);
  } finally {
    await pool.destroy();
  }
}

async function measureWorkerpool(count) {
  const options = {minWorkers: workers, maxWorkers: workers, workerType: 'thread'};
  const pool = workerpool.pool(peerFile('add-workerpool'), options);
  try {
    return await measureBoth(() => pool.exec('add', [1, 2]), count);
  } finally {
    await pool.terminate();
  }
}

export const row = {
  figures: {
    alone: {
      title: 'fn.call(1, 2) from Node and back, one after the other, p50',
      unit: 'us',
      promise: atMost('P10', 25, 'us', 12),
    },
    together: {title: 'fn.call(1, 2), 1,000 in flight', unit: 'us', promise: atMost('P10', 3, 'us', 1.5)},
  },
  async measure({quick}) {
    const count = quick ? 500 : 5000;
    const [ours, piscina, pool] = [
      await measureOurs(count),
      await measurePiscina(count),
      await measureWorkerpool(count),
    ];
    const figure = (name) => ({ours: ours[name], peer: {piscina: piscina[name], workerpool: pool[name]}});
    return {alone: figure('alone'), together: figure('together')};
  },
};
