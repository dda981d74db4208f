import {formatNumber, formatOurs, formatPeer, formatPromise, formatSpread} from './table.mjs';

const table = (header, rows) =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const peersOf = (line) => (line.peers ?? []).map((peer) => `${peer.name} ${formatPeer(peer, line.unit)}`).join('<br>');

function find(lines, row, figure) {
  return lines.find((line) => line.row === row && line.figure === figure);
}

/** docs/benchmarks.md. */
export function renderPage({about, lines}) {
  const {machine, date, commit} = about;
  const figures = lines.map((line) => [
    line.title,
    formatOurs(line),
    line.curve ? '' : formatSpread(line.all),
    peersOf(line),
    formatPromise(line.promise),
  ]);
  const skipped = about.skipped.map(({name, why}) => `- ${name}: ${why}`);
  return `# Benchmarks

Made by \`npm run bench:report\` from the last run of \`npm run bench\`: ${date.slice(0, 10)}, commit ${commit}, on ${machine.cores} cores of
${machine.cpu} with ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}; load ${machine.load.toFixed(1)} at the start.
Each row runs in processes of its own, ours and the peers by turns; the median of its repetitions counts, the spread is from the
least to the most. In brackets: ours over the peer's, so that less than 1x means that we take less.

\`npm run bench -- spawn select\` measures the rows with these words in their names, \`--check\` fails where a target is missed.

## Figures

${table(['', 'ours', 'spread', 'peers', 'target'], figures)}
${skipped.length > 0 ? `\nNot measured:\n\n${skipped.join('\n')}\n` : ''}
## Beside the peers

![How many times our time each peer takes](images/bench-peers.svg)

## From 1,000 to 100,000 goroutines

What one goroutine costs should not depend on how many there are. Memory that the process has never touched is dearer, and shown
apart.

![Cost of a goroutine by their number, each on its own island](images/bench-scaling-islands.svg)

![Cost of a goroutine by their number, on one island](images/bench-scaling-shared.svg)

## From 100 to 10,000 tasks

![Cost of a no-op task by their number](images/bench-tasks.svg)

## What is said of goroutines, and what these cost

${renderClaims(lines)}
`;
}

// What documents of task runners with goroutines claim, beside what was measured here.
function renderClaims(lines) {
  const told = (row, figure) => {
    const line = find(lines, row, figure);
    return line ? `${formatNumber(line.ours)} ${line.unit}` : 'not measured';
  };
  return table(
    ['', 'claimed', 'ours, sharing a heap', 'ours, with a heap of its own'],
    [
      ['memory of one that waits', '2-3 KB', told('parked-shared', 'each'), told('parked-islands', 'each')],
      [
        'creating, running and joining one',
        '0.1 us (creating)',
        told('spawn-shared', 'each'),
        told('spawn-island', 'each'),
      ],
      ['a switch', '0.2 us', told('yield', 'each'), `${told('ping-pong', 'each')} (two switches and two messages)`],
      ['30 calls that wait, over one after the other', '10-30x', told('waits', 'speedup'), ''],
    ],
  );
}

/** The README's table: where we stand beside the peers. */
export function renderReadmeTable({about, lines}) {
  const rows = lines
    .filter((line) => line.peers?.length > 0 && line.promise?.id)
    .map((line) => [line.title, formatOurs(line), peersOf(line)]);
  const {machine, commit} = about;
  return `${table(['', 'ours', 'peers (ours over theirs)'], rows)}

Measured on ${machine.cores} cores of ${machine.cpu} at commit ${commit}; [all figures](docs/benchmarks.md).`;
}
