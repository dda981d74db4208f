import {switchingRow} from '../support/switching.mjs';

export const row = switchingRow({
  title: 'unbuffered ping-pong between two islands, a round trip',
  program: 'ping-pong',
  count: 100_000,
});
