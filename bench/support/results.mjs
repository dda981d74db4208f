// Results are JSON lines: the first says when, on which machine and at which commit, each other is one figure.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';

const folder = new URL('../results/', import.meta.url);

/** Writes one run of all rows, also as `latest.jsonl`; answers with the file's path from the root. */
export function writeResults(about, lines) {
  mkdirSync(folder, {recursive: true});
  const text = [about, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  const name = `${about.date.slice(0, 10)}-${about.commit.replace('+', '-changed')}`;
  for (const file of [name, 'latest']) writeFileSync(new URL(`${file}.jsonl`, folder), text);
  return `bench/results/${name}.jsonl`;
}

/** The last run of all rows. */
export function readLatestResults() {
  const [about, ...lines] = readFileSync(new URL('latest.jsonl', folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {about, lines};
}
