import {getEventListeners} from 'node:events';
import {expect, test} from 'vitest';
import {untilCalled} from '../../lib/util/until-called.js';

test('a wait ends when it is called, and a hundred of them leave no listener on the signal', async () => {
  const {signal} = new AbortController();
  for (let i = 0; i < 100; i++) await untilCalled(signal, (wake) => setImmediate(wake));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a wait ends when its signal is aborted, before it began or behind', async () => {
  const controller = new AbortController();
  const waiting = untilCalled(controller.signal, () => {});
  controller.abort();
  await waiting;
  await untilCalled(controller.signal, () => {});
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
