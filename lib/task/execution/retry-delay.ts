import type {RetryPolicy} from '../plan.js';

/**
 * How long to wait after a failed attempt, in ms.
 *
 * @param failed attempts so far, at least 1.
 * @param random from 0 to 1, for the jitter.
 */
export function retryDelayMs(
  {strategy, delayMs, multiplier, maxDelayMs, jitter}: RetryPolicy,
  failed: number,
  random: () => number,
): number {
  const factors = {fixed: 1, linear: failed, exponential: multiplier ** (failed - 1)};
  const delay = Math.min(delayMs * factors[strategy], maxDelayMs);
  return jitter === 0 ? delay : delay * (1 + jitter * (2 * random() - 1));
}
