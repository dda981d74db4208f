import {expect, test} from 'vitest';
import {judge} from '../../bench/support/judge.mjs';
import {renderCharts} from '../../bench/support/report-charts.mjs';
import {renderPage, renderReadmeTable} from '../../bench/support/report-page.mjs';
import {renderTable} from '../../bench/support/table.mjs';
import {atMostTimes} from '../../bench/support/targets.mjs';

const figure = {title: 'a <round> trip', unit: 'us', promise: atMostTimes('P3', 'Go', 2, 1.2)};
const lines = [
  judge('ping-pong', 'each', figure, [{each: {ours: 3, peer: {Go: 1, Lanes: 30}}}]),
  judge('scaling-islands', 'spawn', {title: 'islands: spawn', unit: 'us', curve: {x: 'alive'}}, [
    {
      spawn: [
        [1000, 2],
        [100_000, 4],
      ],
    },
  ]),
];
const machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGiB: 8,
  kernel: '6.1',
  node: '20.20.2',
  compiler: 'c++',
  load: 0.1,
};
const about = {
  date: '2026-01-02T03:04:05Z',
  commit: 'abc1234',
  machine,
  skipped: [{name: 'go', why: 'not here'}],
  failed: [],
};

test('the page names the machine, each figure with its peers and target, and what was not measured', () => {
  const page = renderPage({about, lines});
  expect(page).toContain('commit abc1234, on 2 cores of\na processor');
  expect(page).toContain(
    '| a <round> trip | 3 us |  | Go 1 us (3x)<br>Lanes 30 us (0.100x) | P3 at most 2x Go: MISSED |',
  );
  expect(page).toContain('- go: not here');
});

test('what no row measured is said to be missing among the claims', () => {
  expect(renderPage({about, lines})).toContain('| a switch | 0.2 us | not measured |');
});

test('the table of the README has the figures with a target and a peer', () => {
  expect(
    renderReadmeTable({about, lines})
      .split('\n')
      .filter((line) => line.startsWith('| a')),
  ).toHaveLength(1);
});

test('the chart of the peers is an SVG whose text is escaped, with a bar for each peer', () => {
  const svg = renderCharts({lines})['docs/images/bench-peers.svg'] ?? '';
  expect(svg).toContain('a &#60;round&#62; trip');
  expect(svg.match(/<rect /g)).toHaveLength(3);
  expect(svg).toContain('>10x</text>');
});

test('the chart of the curves draws each over its count', () => {
  const svg = renderCharts({lines})['docs/images/bench-scaling-islands.svg'] ?? '';
  expect(svg).toContain('<polyline points="60.0,185.0 560.0,50.0"');
  expect(svg).toContain('spawn (1x = 2 us)');
});

test('the table on the terminal gives each peer a line', () => {
  expect(renderTable(lines)).toMatch(/^ {4}Lanes +30 us \(0\.100x\)/m);
});
