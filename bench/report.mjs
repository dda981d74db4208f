// Makes docs/benchmarks.md, its charts and the README's table from the last run of all rows. Typing a figure by hand has no
// place to go.
//
//   npm run bench:report [-- --check]
//
//   --check   writes nothing; exit code 1 when a file differs from what would be written
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {whenProgram} from '../scripts/support/run.mjs';
import {renderCharts} from './support/report-charts.mjs';
import {renderPage, renderReadmeTable} from './support/report-page.mjs';
import {readLatestResults} from './support/results.mjs';

const file = (path) => new URL(`../${path}`, import.meta.url);
const marks = ['<!-- figures: made by npm run bench:report -->', '<!-- end of figures -->'];

function readmeWith(table) {
  const text = readFileSync(file('README.md'), 'utf8');
  const [start, end] = marks.map((mark) => text.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`README.md has no place for the table, between ${marks.join(' and ')}`);
  return `${text.slice(0, start + marks[0].length)}\n\n${table}\n\n${text.slice(end)}`;
}

/** Every file that is made of the results: path -> text. */
export function makeReport(results) {
  return {
    ...renderCharts(results),
    'docs/benchmarks.md': renderPage(results),
    'README.md': readmeWith(renderReadmeTable(results)),
  };
}

await whenProgram(import.meta.url, async () => {
  const {values} = parseArgs({options: {check: {type: 'boolean', default: false}}});
  const files = Object.entries(makeReport(readLatestResults()));
  const differs = ([path, text]) => !existsSync(file(path)) || readFileSync(file(path), 'utf8') !== text;
  const stale = files.filter(differs);
  if (values.check) {
    for (const [path] of stale) console.log(`${path} is not what the last results make: npm run bench:report`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  mkdirSync(file('docs/images/'), {recursive: true});
  for (const [path, text] of stale) writeFileSync(file(path), text);
  console.log(stale.length > 0 ? `wrote ${stale.map(([path]) => path).join(', ')}` : 'nothing changed');
});
