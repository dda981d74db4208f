import {median} from './statistics.mjs';

/** The median of what `call` takes, in us, one after the other. */
export async function oneAfterTheOther(call, count) {
  for (let i = 0; i < count / 10; i++) await call(i);
  const times = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await call(i);
    times.push((performance.now() - startedAt) * 1000);
  }
  return median(times);
}

/** What each of `count` calls takes, in us, with so many in flight; the best of `rounds`. */
export async function allInFlight(call, count, {inFlight = 1000, rounds = 5} = {}) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    for (let done = 0; done < count; done += inFlight) {
      await Promise.all(Array.from({length: inFlight}, (_, i) => call(i)));
    }
    best = Math.min(best, ((performance.now() - startedAt) * 1000) / count);
  }
  return best;
}
