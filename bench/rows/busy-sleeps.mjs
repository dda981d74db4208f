import {runLua, workers} from '../support/lua.mjs';
import {percentile} from '../support/statistics.mjs';

export const row = {
  figures: {
    late: {
      title: `sleeps of 10 ms among ${3 * workers} hot loops on ${workers} workers: 95 of 100 late by at most`,
      unit: 'ms',
      promise: {text: 'less than 50', holds: (value) => value < 50},
    },
    overtaken: {
      title: 'slices that end between a message and the turn of whom it woke, 95 of 100 at most',
      unit: '',
      promise: {text: `at most ${workers}`, holds: (value) => value <= workers},
    },
  },
  async measure({quick}) {
    const [late, overtaken] = await runLua('busy-sleeps', 3 * workers, quick ? 20 : 100);
    return {late: percentile(late, 0.95), overtaken: percentile(overtaken, 0.95)};
  },
};
