import {switchingRow} from '../support/switching.mjs';
import {atMostTimes} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'a number through a channel of capacity 128, island to island',
  program: 'buffered',
  count: 500_000,
  promise: atMostTimes('P4', 'Go', 3.5, 2),
});
