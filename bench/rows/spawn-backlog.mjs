import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'spawn and join an island, all spawned first',
  program: 'spawn',
  count: 100_000,
  args: (count) => ['parallel', count, count],
});
