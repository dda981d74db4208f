import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'select over 8 channels, a message',
  program: 'select',
  count: 100_000,
});
