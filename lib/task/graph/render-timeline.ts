import {formatDuration} from '../../util/format-duration.js';
import {stateColors} from './render-dot.js';
import type {WavePaint} from './render-waves.js';
import {stateSigns} from './render-waves.js';
import type {NodeState} from './task-graph.js';

/** A stretch of time in which an attempt of a task ran. */
export interface Bar {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly state: NodeState | undefined;
}

/** One line of a timeline. */
export interface TimelineRow {
  readonly name: string;
  readonly state: NodeState | undefined;
  readonly bars: readonly Bar[];
  /** A few words: why it failed, or was skipped. */
  readonly note: string;
}

/** What happened when, from `startedAt` to `endedAt`, in ms since 1970. */
export interface Timeline {
  readonly title: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly rows: readonly TimelineRow[];
}

const mostNameWidth = 32;

/** A timeline as text, `width` characters wide. */
export function timelineText({title, startedAt, endedAt, rows}: Timeline, width: number, paint: WavePaint): string {
  const nameWidth = Math.min(mostNameWidth, Math.max(0, ...rows.map(({name}) => name.length)));
  const barWidth = Math.max(10, Math.min(60, width - nameWidth - 24));
  const span = Math.max(1, endedAt - startedAt);
  const lines = rows.map(({name, state, bars, note}) => {
    const cells = Array.from({length: barWidth}, () => ' ');
    for (const bar of bars) {
      const from = Math.min(barWidth - 1, Math.floor(((bar.startedAt - startedAt) / span) * barWidth));
      const to = Math.max(from + 1, Math.ceil(((bar.endedAt - startedAt) / span) * barWidth));
      for (let cell = from; cell < to && cell < barWidth; cell += 1) cells[cell] = bar.state === 'failed' ? '▒' : '█';
    }
    const sign = state ? paint.state(state, stateSigns[state]) : ' ';
    const shown = name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name.padEnd(nameWidth);
    const time = bars.length > 0 ? formatDuration(sumOf(bars)).padStart(7) : '       ';
    const bar = state ? paint.state(state, cells.join('')) : cells.join('');
    return `${sign} ${shown} ${bar} ${time}  ${paint.quiet(note)}`.trimEnd();
  });
  return `${[paint.strong(title), ...lines].join('\n')}\n`;
}

/** A timeline as an SVG document. */
export function timelineSvg({title, startedAt, endedAt, rows}: Timeline): string {
  const [left, top, rowHeight, width] = [220, 56, 24, 900];
  const height = top + rows.length * rowHeight + 20;
  const span = Math.max(1, endedAt - startedAt);
  const x = (at: number): number => Math.round((left + ((at - startedAt) / span) * (width - left - 110)) * 10) / 10;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = x(startedAt + part * span);
    return (
      `<line x1="${at}" y1="${top - 6}" x2="${at}" y2="${height - 14}" stroke="#dddddd"/>` +
      `<text x="${at}" y="${top - 12}" text-anchor="middle" fill="#777777" font-size="11">${formatDuration(part * span)}</text>`
    );
  });
  const lines = rows.map(({name, state, bars, note}, index) => {
    const y = top + index * rowHeight;
    const rects = bars.map((bar) => {
      const [fill, border] = bar.state ? stateColors[bar.state] : ['#eeeeee', '#888888'];
      const barWidth = Math.max(2, x(bar.endedAt) - x(bar.startedAt));
      return `<rect x="${x(bar.startedAt)}" y="${y + 3}" width="${barWidth}" height="${rowHeight - 8}" rx="3" fill="${fill}" stroke="${border}"/>`;
    });
    const time = bars.length > 0 ? formatDuration(sumOf(bars)) : (state ?? '');
    const end = bars.at(-1)?.endedAt ?? startedAt;
    return (
      `<g><title>${entities(`${name}: ${state ?? 'not run'}${note ? `, ${note}` : ''}`)}</title>` +
      `<text x="${left - 10}" y="${y + 16}" text-anchor="end">${entities(shorten(name))}</text>` +
      `${rects.join('')}<text x="${x(end) + 6}" y="${y + 16}" fill="#777777" font-size="11">${time}</text></g>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="24" font-size="15" font-weight="bold">${entities(title)}</text>
${[...ticks, ...lines].join('\n')}
</svg>
`;
}

function sumOf(bars: readonly Bar[]): number {
  return bars.reduce((sum, bar) => sum + bar.endedAt - bar.startedAt, 0);
}

function shorten(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}

function entities(text: string): string {
  const names: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
  // Control characters are no XML.
  const clean = [...text].filter((sign) => sign >= ' ' || sign === '\n').join('');
  return clean.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? sign);
}
