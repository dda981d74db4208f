import {spawnSync} from 'node:child_process';
import {availableParallelism, cpus, loadavg, release, totalmem} from 'node:os';
import {root} from '../../scripts/support/run.mjs';

/** The machine a figure was measured on. `load` tells whether it had something else to do. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    compiler: firstLine('c++', ['--version']),
    load: loadavg()[0],
  };
}

/** The commit that was measured, with a plus when files of the checkout differ from it. */
export function describeCommit() {
  const commit = firstLine('git', ['rev-parse', '--short', 'HEAD']);
  if (!commit) return 'unknown';
  const changed = firstLine('git', ['status', '--porcelain', '--untracked-files=no', '--', 'native', 'lib', 'deps']);
  return changed ? `${commit}+` : commit;
}

function firstLine(command, words) {
  const {status, stdout} = spawnSync(command, words, {cwd: root, encoding: 'utf8'});
  return status === 0 ? stdout.split('\n', 1)[0].trim() : '';
}
