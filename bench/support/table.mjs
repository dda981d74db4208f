/** Lays the measured figures out as text: a line each, and one for each peer. */
export function renderTable(lines) {
  const header = ['', 'ours', 'spread', 'promise'];
  const rows = lines.flatMap((line) => [
    [line.title, formatOurs(line), line.curve ? '' : formatSpread(line.all), formatPromise(line.promise)],
    ...(line.peers ?? []).map((peer) => [`    ${peer.name}`, formatPeer(peer, line.unit), formatSpread(peer.all), '']),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  return [header, ...rows]
    .map((row) => row.map((cell, column) => (column === 1 ? cell.padStart(widths[1]) : cell.padEnd(widths[column]))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

/** What a promise was and whether it is kept. */
export function formatPromise(promise) {
  if (!promise) return '';
  const {id, text, kept, stretch} = promise;
  const state = kept ? (stretch?.reached ? `kept, even ${stretch.text}` : 'kept') : 'MISSED';
  return `${id ? `${id} ` : ''}${text}: ${state}`;
}

/** `0.31 us (2.10x)`: ours is so many times the peer's. */
export function formatPeer({value, ratio}, unit) {
  return `${formatNumber(value)} ${unit} (${formatNumber(ratio)}x)`;
}

/** The figure with its unit, or the points of a curve. */
export function formatOurs({ours, unit, curve}) {
  if (!curve) return `${formatNumber(ours)} ${unit}`.trimEnd();
  return `${curve.points.map(([x, y]) => `${x}: ${formatNumber(y)}`).join(', ')} ${unit}`;
}

/** Three digits that count. */
export function formatNumber(value) {
  if (Number.isInteger(value)) return String(value);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

/** The least and the most of all repetitions. */
export function formatSpread(all) {
  return all.length < 2 ? '' : `${formatNumber(Math.min(...all))} to ${formatNumber(Math.max(...all))}`;
}
