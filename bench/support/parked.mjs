import {runLua} from './lua.mjs';
import {atMost} from './targets.mjs';

const gib = 2 ** 30;

/** The row of 100,000 goroutines that wait for a channel: as islands, or on one island. */
export function parkedRow(form, kind, {limitGib, kibEach, stretchKibEach}) {
  const only = (title, count) => ({title, unit: '', promise: {text: `${count}`, holds: (value) => value === count}});
  const of = `100,000 parked ${kind}`;
  return {
    timeoutMs: 300_000,
    figures: {
      resident: {
        title: `${of}: memory of the process`,
        unit: 'GiB',
        promise: {text: `less than ${limitGib}`, holds: (value) => value < limitGib},
      },
      each: {
        title: `${of}: memory of each`,
        unit: 'KiB',
        promise: atMost('P6', kibEach, 'KiB', stretchKibEach),
      },
      parked: {
        title: `${of}: from the first spawn until all are parked`,
        unit: 's',
        promise: {text: 'less than 60', holds: (value) => value < 60},
      },
      released: {title: `${of}: from closing the channel to the end of the last`, unit: 's'},
      live: only(`${of}: goroutines left afterwards`, 1),
      islands: only(`${of}: islands left afterwards`, 1),
    },
    async measure({quick}) {
      const [result] = await runLua('parked', form, quick ? 10_000 : 100_000);
      const {resident, each, parked, released, live, islands} = result;
      return {
        resident: resident / gib,
        each: each / 1024,
        parked: parked / 1000,
        released: released / 1000,
        live,
        islands,
      };
    },
  };
}
