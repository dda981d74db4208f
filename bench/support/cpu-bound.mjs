import {fileURLToPath} from 'node:url';
import {runLua} from './lua.mjs';
import {measurePeer} from './peers.mjs';

/** A row of one program of bench/lua that computes: in a goroutine, beside the stock interpreter of the same release. */
export function cpuBoundRow({title, program}) {
  const path = fileURLToPath(new URL(`../lua/${program}.lua`, import.meta.url));
  return {
    figures: {time: {title, unit: 'ms', peer: 'stock lua'}},
    async measure({quick, peers}) {
      // By turns, so that whatever else the machine does strikes both; the fastest of each is the least disturbed.
      const times = {ours: [], peer: []};
      for (let i = 0; i < (quick ? 1 : 5); i++) {
        times.ours.push((await runLua(program))[0]);
        times.peer.push(measurePeer(peers.lua, [path]));
      }
      const peer = times.peer.filter((time) => time !== undefined);
      return {time: {ours: Math.min(...times.ours), peer: peer.length > 0 ? Math.min(...peer) : undefined}};
    },
  };
}
