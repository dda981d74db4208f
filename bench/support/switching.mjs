import {runLua} from './lua.mjs';
import {measurePeer} from './peers.mjs';

/**
 * A row of one program of bench/lua that returns microseconds, beside what Go takes for the same work.
 * `args` makes the program's arguments of the count.
 */
export function switchingRow({title, program, count, args = (some) => [some], go = program}) {
  return {
    figures: {each: {title, unit: 'us', peer: 'Go'}},
    async measure({quick, peers}) {
      const some = quick ? count / 10 : count;
      const [ours] = await runLua(program, ...args(some));
      return {each: {ours, peer: measurePeer(peers.go, [go, String(some)])}};
    },
  };
}
