import {runLua} from '../support/lua.mjs';

export const row = {
  figures: {
    share: {
      title: 'two CPU-bound goroutines: user time over wall time',
      unit: 'cores',
      promise: {text: 'at least 1.7 (best of five)', counts: 'largest', holds: (value) => value >= 1.7},
    },
    speedup: {title: 'two CPU-bound goroutines on two cores against one after the other', unit: 'x'},
  },
  skip: ({cores}) => (cores < 2 ? 'it needs two cores' : undefined),
  async measure({quick}) {
    const rounds = quick ? 2e7 : 6e7;
    const [oneMs] = await runLua('burn', rounds, 1);
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const [twoMs] = await runLua('burn', rounds, 2);
    const wallMs = performance.now() - startedAt;
    return {share: process.cpuUsage(before).user / 1000 / wallMs, speedup: (2 * oneMs) / twoMs};
  },
};
