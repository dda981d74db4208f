import {readFile} from 'node:fs/promises';
import {Runtime} from '../../dist/index.js';
import {atLeast} from '../support/targets.mjs';

const source = await readFile(new URL('../lua/fill.lua', import.meta.url), 'utf8');

async function milliseconds(workers, n) {
  const runtime = new Runtime({workers});
  try {
    const [ms, parallel] = await runtime.run(source, {chunkName: '=fill', args: [8, n]});
    if (parallel !== 8) throw new Error(`${parallel} of 8 goroutines ran in parallel`);
    return ms;
  } finally {
    await runtime.close();
  }
}

export const row = {
  figures: {
    speedup: {
      title: 'results[i] = fib(n) in 8 goroutines on two cores against one core',
      unit: 'x',
      promise: {...atLeast('P8', 1.9, 'x', 1.98), counts: 'largest'},
    },
  },
  skip: ({cores}) => (cores < 2 ? 'it needs two cores' : undefined),
  async measure({quick}) {
    const n = quick ? 26 : 30;
    const one = await milliseconds(1, n);
    return {speedup: one / (await milliseconds(2, n))};
  },
};
