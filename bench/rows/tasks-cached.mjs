// The second run of a workflow in which nothing changed: what its cache saves of the time of the first, processes and all.

import {atLeast} from '../support/targets.mjs';
import {busyTasks, inFolder} from '../support/task-files.mjs';

export const row = {
  figures: {
    saved: {
      title: 'second run of 20 unchanged cached tasks: share of the work not done',
      unit: '%',
      promise: atLeast('P17', 80, '%', 95),
    },
  },
  measure({quick}) {
    const files = {'tasks.sloth': busyTasks(20, quick ? 2e6 : 4e7), input: 'input\n'};
    return inFolder(files, (run) => {
      const startup = run('check', 'tasks.sloth');
      const first = run('run', 'tasks.sloth') - startup;
      const second = Math.max(run('run', 'tasks.sloth') - startup, 0);
      return {saved: 100 * (1 - second / first)};
    });
  },
};
