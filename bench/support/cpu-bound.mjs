import {fileURLToPath} from 'node:url';
import {runLua} from './lua.mjs';
import {measurePeer} from './peers.mjs';
import {atMostTimes} from './targets.mjs';

const stock = 'stock lua';

/**
 * A row of one program of bench/lua that computes: in a goroutine, beside the stock interpreter of the same release. `others`
 * measures further peers: a function of the peers that answers with their ms by name.
 */
export function cpuBoundRow({title, program, others = () => ({})}) {
  const path = fileURLToPath(new URL(`../lua/${program}.lua`, import.meta.url));
  return {
    figures: {time: {title, unit: 'ms', promise: atMostTimes('P7', stock, 1.03, 1)}},
    async measure({quick, peers}) {
      // By turns, so that whatever else the machine does strikes both; the fastest of each is the least disturbed.
      const times = {ours: [], [stock]: [], luajit: []};
      for (let i = 0; i < (quick ? 1 : 5); i++) {
        times.ours.push((await runLua(program))[0]);
        times[stock].push(measurePeer(peers.lua, [path]));
        times.luajit.push(measurePeer(peers.luajit, [path]));
      }
      const best = (all) => (all.includes(undefined) ? undefined : Math.min(...all));
      const peer = {[stock]: best(times[stock]), luajit: best(times.luajit), ...(await others(peers))};
      return {time: {ours: best(times.ours), peer}};
    },
  };
}
