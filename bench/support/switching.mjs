import {runLua} from './lua.mjs';
import {measurePeer} from './peers.mjs';

/**
 * A row of one program of bench/lua that returns microseconds, beside what Go, bare and with gopher-lua, takes for the same
 * work. `args` makes the program's arguments of the count; `gopherLua` names the peer's work where it has it.
 */
export function switchingRow({title, program, count, args = (some) => [some], go = program, gopherLua, promise}) {
  return {
    figures: {each: {title, unit: 'us', promise}},
    async measure({quick, peers}) {
      const some = quick ? count / 10 : count;
      const [ours] = await runLua(program, ...args(some));
      const peer = {
        Go: measurePeer(peers.go, [go, String(some)]),
        // Its goroutines cost so much that fewer must do.
        'Go + gopher-lua': gopherLua && measurePeer(peers.gopherLua, [gopherLua, String(some / 20)]),
      };
      return {each: {ours, peer}};
    },
  };
}
