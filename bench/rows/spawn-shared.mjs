import {switchingRow} from '../support/switching.mjs';
import {atMost} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'spawn and join on the same island',
  program: 'spawn',
  count: 200_000,
  args: (count) => ['shared', count, 1000],
  promise: atMost('P2', 0.6, 'us', 0.35),
});
