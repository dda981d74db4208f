import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {exitCode, exitCodeTable} from '../../lib/cli/exit-code.js';

const plain = (text: string): string => text.replaceAll('`', '');

/** The rows of the table under a heading of a document. */
function tableIn(document: string, heading: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8');
  const section = text.split(heading)[1]?.split(/^## /m)[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| exit code') && !line.startsWith('| code'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => plain(cell.trim())),
  );
}

it.each([
  ['docs/cli.md', '## Exit codes'],
  ['README.md', '## Command line'],
])('%s tells the exit codes that the program has', (document, heading) => {
  expect(tableIn(document, heading)).toEqual(exitCodeTable);
});

it('every exit code is in the table', () => {
  const told = exitCodeTable.map(([code]) => code);
  expect(
    Object.values(exitCode)
      .map(String)
      .filter((code) => !told.includes(code)),
  ).toEqual([]);
});
