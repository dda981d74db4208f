import {runLua} from '../support/lua.mjs';

export const row = {
  figures: {
    answered: {
      title: 'goroutine.timeout(100, hot loop) answers after',
      unit: 'ms',
      promise: {text: 'less than 300', holds: (value) => value < 300},
    },
  },
  async measure() {
    const [answered] = await runLua('timeout', 100);
    return {answered};
  },
};
