// Charts as SVG text, without a library: bars on a logarithmic scale, and curves over a logarithmic count.
import {formatNumber} from './table.mjs';

const colours = ['#2b6cb0', '#c05621', '#2f855a', '#6b46c1', '#b83280'];
const escapeXml = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function text(x, y, words, {anchor = 'start', size = 12, fill = '#333'} = {}) {
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}">${escapeXml(words)}</text>`;
}

function page(width, height, parts) {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`;
  return [open, `<rect width="${width}" height="${height}" fill="#fff"/>`, ...parts, '</svg>', ''].join('\n');
}

/**
 * How many times ours each peer takes, one bar a peer: to the right of 1 we are faster.
 *
 * @param groups `{title, bars: [{name, times}]}`, `times` above 0.
 */
export function ratioChart(heading, groups) {
  const [left, right, top, bar] = [330, 830, 50, 16];
  const all = groups.flatMap(({bars}) => bars.map(({times}) => Math.log10(times)));
  const [low, high] = [Math.floor(Math.min(0, ...all)), Math.ceil(Math.max(1, ...all))];
  const at = (times) => left + ((Math.log10(times) - low) / (high - low)) * (right - left);
  const parts = [text(20, 24, heading, {size: 15})];
  let y = top;
  for (const {title, bars} of groups) {
    parts.push(text(20, y + 12, title, {size: 12, fill: '#000'}));
    for (const [index, {name, times}] of bars.entries()) {
      const row = y + 18 + index * bar;
      const [from, to] = [Math.min(at(1), at(times)), Math.max(at(1), at(times))];
      parts.push(text(left - 8, row + 11, name, {anchor: 'end', size: 11}));
      const fill = times >= 1 ? colours[0] : colours[1];
      const size = `width="${Math.max(1, to - from).toFixed(1)}" height="${bar - 4}"`;
      parts.push(`<rect x="${from.toFixed(1)}" y="${row + 1}" ${size} fill="${fill}"/>`);
      parts.push(text(to + 5, row + 11, `${formatNumber(times)}x`, {size: 11}));
    }
    y += 26 + bars.length * bar;
  }
  const grid = [];
  for (let power = low; power <= high; power++) {
    const x = at(10 ** power).toFixed(1);
    grid.push(`<line x1="${x}" x2="${x}" y1="${top - 8}" y2="${y}" stroke="${power === 0 ? '#666' : '#ddd'}"/>`);
    grid.push(text(x, y + 16, `${10 ** power}x`, {anchor: 'middle', size: 11}));
  }
  return page(900, y + 30, [...grid, ...parts]);
}

/**
 * Curves over a count, each scaled to its own first point, so that what is flat looks flat.
 *
 * @param curves `{title, unit, points: [[count, value], ...]}`.
 */
export function scalingChart(heading, curves) {
  const [left, right, top, bottom] = [60, 560, 50, 320];
  const counts = curves[0].points.map(([x]) => Math.log10(x));
  const relative = curves.map(({points}) => points.map(([x, y]) => [Math.log10(x), y / points[0][1]]));
  const high = Math.max(2, ...relative.flat().map(([, y]) => y));
  const [first, last] = [counts[0], counts.at(-1)];
  const atX = (x) => left + ((x - first) / (last - first || 1)) * (right - left);
  const atY = (y) => bottom - (y / high) * (bottom - top);
  const parts = [text(20, 24, heading, {size: 15})];
  let widest = 0;
  for (let y = 0; y <= high; y += high > 4 ? 1 : 0.5) {
    parts.push(`<line x1="${left}" x2="${right}" y1="${atY(y)}" y2="${atY(y)}" stroke="#ddd"/>`);
    parts.push(text(left - 8, atY(y) + 4, `${y}x`, {anchor: 'end', size: 11}));
  }
  for (const x of counts) {
    parts.push(
      text(atX(x), bottom + 18, (10 ** x).toLocaleString('en-US', {maximumFractionDigits: 0}), {
        anchor: 'middle',
        size: 11,
      }),
    );
  }
  for (const [index, curve] of curves.entries()) {
    const colour = colours[index % colours.length];
    const points = relative[index].map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const start = `${formatNumber(curve.points[0][1])} ${curve.unit}`;
    const label = `${curve.title} (1x = ${start})`;
    parts.push(text(right + 15, top + 20 + index * 20, label, {fill: colour}));
    widest = Math.max(widest, label.length);
  }
  // About seven units for each letter of the longest label.
  return page(right + 30 + widest * 7, bottom + 40, parts);
}
