import {switchingRow} from '../support/switching.mjs';
import {atMost} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'spawn and join an island, at most 1,000 alive',
  program: 'spawn',
  count: 100_000,
  args: (count) => ['parallel', count, 1000],
  gopherLua: 'spawn',
  promise: atMost('P1', 3, 'us', 1.3),
});
