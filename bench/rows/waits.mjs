import {runLua} from '../support/lua.mjs';
import {measurePeer} from '../support/peers.mjs';
import {atLeast} from '../support/targets.mjs';

export const row = {
  figures: {
    speedup: {
      title: '30 waits of 100 ms in goroutines, against one after the other',
      unit: 'x',
      peer: 'Go',
      promise: atLeast('P16', 28, 'x', 29.5),
    },
  },
  repetitions: 3,
  async measure({quick, peers}) {
    const [ours] = await runLua('waits', 30, quick ? 1 : 3);
    const go = measurePeer(peers.go, ['waits', '3']);
    return {speedup: {ours, peer: go && 3_000_000 / go}};
  },
};
