import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'spawn and join an island, at most 1,000 alive',
  program: 'spawn',
  count: 100_000,
  args: (count) => ['parallel', count, 1000],
});
