import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'yield to the scheduler',
  program: 'yield',
  count: 1_000_000,
});
