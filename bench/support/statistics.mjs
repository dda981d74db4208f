/** The middle of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The number below or at which `share` of them are: `percentile([...], 0.95)`. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** What counts of several repetitions: the median, or the best where a promise says so. */
export function summarize(numbers, counts = 'median') {
  if (counts === 'largest') return Math.max(...numbers);
  if (counts === 'smallest') return Math.min(...numbers);
  return median(numbers);
}
