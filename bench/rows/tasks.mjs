// What a task costs whose body does nothing: from the command line, with everything that is not there for a file of one task.

import {atMost} from '../support/targets.mjs';
import {idleTasks, inFolder} from '../support/task-files.mjs';

const counts = [100, 300, 1000, 3000, 10_000];

function measureCount(count, ...flags) {
  return inFolder({'one.sloth': idleTasks(1), 'many.sloth': idleTasks(count)}, (run) => {
    const one = run('run', 'one.sloth', ...flags);
    return ((run('run', 'many.sloth', ...flags) - one) * 1000) / count;
  });
}

const curve = (title) => ({title, unit: 'us', curve: {x: 'tasks'}});

export const row = {
  timeoutMs: 300_000,
  repetitions: 3,
  figures: {
    alone: {
      title: 'a no-op task of a workflow of 1,000, read, checked and run, without the journal',
      unit: 'us',
      promise: atMost('P15', 50, 'us', 10),
    },
    journaled: {title: 'the same with the journal', unit: 'us', promise: atMost('P15', 50, 'us', 10)},
    planned: {
      title: 'sloth-runner plan, 1,000 tasks, the whole process',
      unit: 'ms',
      promise: atMost(undefined, 1000, 'ms'),
    },
    drawn: {
      title: 'sloth-runner graph --format svg, 1,000 tasks, the whole process',
      unit: 'ms',
      promise: atMost(undefined, 2000, 'ms'),
    },
    byCount: curve('a no-op task, without the journal'),
    byCountJournaled: curve('a no-op task, with the journal'),
  },
  measure({quick}) {
    const wanted = quick ? counts.slice(0, 2) : counts;
    const byCount = wanted.map((count) => [count, measureCount(count, '--no-journal')]);
    const byCountJournaled = wanted.map((count) => [count, measureCount(count)]);
    const at1000 = (points) => (points.find(([count]) => count === 1000) ?? points.at(-1))[1];
    const [planned, drawn] = inFolder({'many.sloth': idleTasks(quick ? 300 : 1000)}, (run) => [
      run('plan', 'many.sloth'),
      run('graph', 'many.sloth', '--format', 'svg'),
    ]);
    return {alone: at1000(byCount), journaled: at1000(byCountJournaled), planned, drawn, byCount, byCountJournaled};
  },
};
