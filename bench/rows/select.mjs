import {switchingRow} from '../support/switching.mjs';
import {atMostTimes} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'select over 8 channels, a message',
  program: 'select',
  count: 100_000,
  promise: atMostTimes('P5', 'Go', 4, 2),
});
