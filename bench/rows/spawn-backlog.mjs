import {switchingRow} from '../support/switching.mjs';
import {atMost} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'spawn and join an island, all spawned first',
  program: 'spawn',
  count: 100_000,
  args: (count) => ['parallel', count, count],
  promise: atMost('P1b', 8, 'us', 4),
});
