import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {median} from '../support/statistics.mjs';
import {atMost} from '../support/targets.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

function timeNode(words) {
  const startedAt = performance.now();
  const {status, stderr} = spawnSync(process.execPath, words, {encoding: 'utf8'});
  if (status !== 0) throw new Error(stderr);
  return performance.now() - startedAt;
}

export const row = {
  figures: {
    whole: {title: 'sloth-runner run hello.lua, the whole process', unit: 'ms', peer: 'node -e 0'},
    added: {title: 'sloth-runner run hello.lua over node -e 0', unit: 'ms', promise: atMost('P13', 60, 'ms', 25)},
  },
  measure({quick}) {
    const ours = [];
    const bare = [];
    for (let i = 0; i < (quick ? 3 : 11); i++) {
      ours.push(timeNode([path('../../dist/cli/main.js'), 'run', path('../lua/hello.lua')]));
      bare.push(timeNode(['-e', '0']));
    }
    return {whole: {ours: median(ours), peer: median(bare)}, added: median(ours) - median(bare)};
  },
};
