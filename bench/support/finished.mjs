import {runLua} from './lua.mjs';

/** The row of a million goroutines that come and go: memory must not grow with their number. */
export function finishedRow(form, kind) {
  const only = (title, count) => ({title, unit: '', promise: {text: `${count}`, holds: (value) => value === count}});
  const of = `1,000,000 finished ${kind}`;
  return {
    timeoutMs: 600_000,
    figures: {
      growth: {
        title: `${of}: memory of the process over that after 100,000`,
        unit: 'x',
        promise: {text: 'at most 1.10', holds: (value) => value <= 1.1},
      },
      resident: {title: `${of}: memory of the process`, unit: 'MiB'},
      each: {title: `${of}: spawn, run, join`, unit: 'us'},
      live: only(`${of}: goroutines left afterwards`, 1),
      islands: only(`${of}: islands left afterwards`, 1),
    },
    async measure({quick}) {
      const scale = quick ? 0.02 : 1;
      const [{early, late, each, live, islands}] = await runLua('finished', form, 1e5 * scale, 1e6 * scale);
      return {growth: late / early, resident: late / 2 ** 20, each, live, islands};
    },
  };
}
