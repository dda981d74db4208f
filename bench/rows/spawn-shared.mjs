import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'spawn and join on the same island',
  program: 'spawn',
  count: 200_000,
  args: (count) => ['shared', count, 1000],
});
