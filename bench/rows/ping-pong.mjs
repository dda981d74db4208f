import {switchingRow} from '../support/switching.mjs';
import {atMostTimes} from '../support/targets.mjs';

export const row = switchingRow({
  title: 'unbuffered ping-pong between two islands, a round trip',
  program: 'ping-pong',
  count: 100_000,
  gopherLua: 'ping-pong',
  promise: atMostTimes('P3', 'Go', 2, 1.2),
});
