import {runLua} from '../support/lua.mjs';
import {atMost} from '../support/targets.mjs';

export const row = {
  figures: {
    each: {
      title: 'a table of 100 records of 5 fields through a channel, island to island',
      unit: 'us',
      promise: atMost('P9', 40, 'us', 15),
    },
  },
  async measure({quick}) {
    const [each] = await runLua('records', quick ? 500 : 5000);
    return {each};
  },
};
