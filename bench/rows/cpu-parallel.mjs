import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {runLua} from '../support/lua.mjs';
import {atLeast} from '../support/targets.mjs';

const program = fileURLToPath(new URL('../lua/burn.lua', import.meta.url));

// User time over wall time while `work` runs, of this process and of children that have ended.
async function shareOf(work) {
  const before = process.resourceUsage().userCPUTime;
  const startedAt = performance.now();
  const childrenMs = (await work()) ?? 0;
  return ((process.resourceUsage().userCPUTime - before) / 1000 + childrenMs) / (performance.now() - startedAt);
}

// What two processes get at the same time from a machine that may have other work: bash tells their user time.
function runTwoProcesses(lua, rounds) {
  const script = `TIMEFORMAT=%U; time { "$0" "$1" "$2" & "$0" "$1" "$2" & wait; }`;
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script, lua, program, String(rounds)], {stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', () => resolve(Number(said) * 1000));
  });
}

export const row = {
  figures: {
    share: {
      title: 'two CPU-bound goroutines: user time over wall time',
      unit: 'cores',
      peer: 'two processes of stock lua',
      promise: {text: 'at least 1.7 (best of five)', counts: 'largest', holds: (value) => value >= 1.7},
    },
    speedup: {
      title: 'two CPU-bound goroutines on two cores against one after the other',
      unit: 'x',
      promise: {...atLeast('P8', 1.9, 'x', 1.98), counts: 'largest'},
    },
  },
  skip: ({cores}) => (cores < 2 ? 'it needs two cores' : undefined),
  async measure({quick, peers}) {
    const rounds = quick ? 2e7 : 6e7;
    const [oneMs] = await runLua('burn', rounds, 1);
    let twoMs = 0;
    const ours = await shareOf(async () => {
      [twoMs] = await runLua('burn', rounds, 2);
    });
    const lua = peers.lua.path;
    const peer = lua ? await shareOf(() => runTwoProcesses(lua, rounds)) : undefined;
    return {share: {ours, peer}, speedup: (2 * oneMs) / twoMs};
  },
};
