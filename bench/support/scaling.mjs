import {runLua} from './lua.mjs';

const counts = [1000, 3000, 10_000, 30_000, 100_000];
// How much dearer the dearest count may be than the cheapest.
const flat = (points) => Math.max(...points.map(([, y]) => y)) / Math.min(...points.map(([, y]) => y));

/** The row of what a goroutine costs from 1,000 to 100,000 of them: as islands, or on one island. */
export function scalingRow(form, kind) {
  const curve = (title, unit) => ({title: `${kind}: ${title}`, unit, curve: {x: 'goroutines alive'}});
  const evenness = (title) => ({
    title: `${kind}: ${title}, the dearest of 1,000 to 100,000 over the cheapest`,
    unit: 'x',
    promise: {
      id: 'P14',
      text: 'at most 1.2',
      holds: (value) => value <= 1.2,
      stretch: {text: '1.05', holds: (value) => value <= 1.05},
    },
  });
  return {
    timeoutMs: 300_000,
    repetitions: 3,
    figures: {
      spawn: curve('spawn until parked', 'us'),
      wake: curve('wake until ended', 'us'),
      memory: curve('memory of a parked one', 'KiB'),
      first: curve('spawn until parked in memory never touched before', 'us'),
      spawnFlat: evenness('spawn'),
      wakeFlat: evenness('wake'),
      memoryFlat: evenness('memory'),
    },
    async measure({quick}) {
      const points = {spawn: [], wake: [], memory: [], first: []};
      for (const count of quick ? counts.slice(0, 2) : counts) {
        const [{first, again, woken, bytes}] = await runLua('scaling', form, count);
        points.spawn.push([count, again]);
        points.wake.push([count, woken]);
        points.memory.push([count, bytes / 1024]);
        points.first.push([count, first]);
      }
      const [spawnFlat, wakeFlat, memoryFlat] = [points.spawn, points.wake, points.memory].map(flat);
      return {...points, spawnFlat, wakeFlat, memoryFlat};
    },
  };
}
