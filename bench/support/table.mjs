/** Lays the measured figures out as text, one line each. */
export function renderTable(lines) {
  const header = ['', 'ours', 'peer', 'ratio', 'promise'];
  const rows = lines.map((line) => [
    line.title,
    `${format(line.ours)} ${line.unit}`,
    line.peer ? `${format(line.peer.value)} ${line.unit} (${line.peer.name})` : '',
    line.ratio === undefined ? '' : `${line.ratio.toFixed(2)}x`,
    line.promise ? `${line.promise.text}: ${line.promise.kept ? 'kept' : 'BROKEN'}` : '',
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  return [header, ...rows]
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

function format(value) {
  if (Number.isInteger(value)) return String(value);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toFixed(digits);
}
