import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'a number through a channel of capacity 128, island to island',
  program: 'buffered',
  count: 500_000,
});
