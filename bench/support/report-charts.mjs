import {ratioChart, scalingChart} from './charts.mjs';

// Rows whose figures fall with speed, so that a peer's value over ours tells how many times as fast we are.
const timeUnits = new Set(['us', 'ms']);

// The rows with curves, and what each shows.
const scalingRows = {
  'scaling-islands': 'What a goroutine costs as their number grows, on islands of their own',
  'scaling-shared': 'What a goroutine costs as their number grows, on one island',
  tasks: 'What a no-op task costs as the workflow grows',
};

/**
 * @param {{lines: readonly Record<string, any>[]}} results
 * @returns {Record<string, string>} path -> SVG text.
 */
export function renderCharts({lines}) {
  const groups = lines
    .filter((line) => timeUnits.has(line.unit) && line.peers?.length > 0)
    .map((line) => ({
      title: line.title,
      bars: line.peers.map(({name, value}) => ({name, times: value / line.ours})),
    }));
  const charts = {'docs/images/bench-peers.svg': ratioChart('How many times our time each peer takes', groups)};
  for (const [row, heading] of Object.entries(scalingRows)) {
    const curves = lines.filter((line) => line.row === row && line.curve);
    if (curves.length === 0) continue;
    charts[`docs/images/bench-${row}.svg`] = scalingChart(
      heading,
      curves.map(({title, unit, curve}) => ({title: title.replace(/^.*?: /, ''), unit, points: curve.points})),
    );
  }
  return charts;
}
