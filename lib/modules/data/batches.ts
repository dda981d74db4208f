import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {extname} from 'node:path';
import {parse} from 'csv-parse';
import {readLines} from '../fs/read-lines.js';
import {decodeJson} from './codecs.js';
import {jsonElements} from './json-elements.js';

/** What a file has in it. */
export type RecordFormat = 'csv' | 'tsv' | 'jsonl' | 'json' | 'lines';

const formats: readonly RecordFormat[] = ['csv', 'tsv', 'jsonl', 'json', 'lines'];

/** The format of that name, or of a path by its ending. @throws Error for a name that is none. */
export function formatOf(path: string, wanted: string | undefined): RecordFormat {
  if (wanted !== undefined) {
    const found = formats.find((format) => format === wanted);
    if (!found) throw new Error(`option 'format': one of ${formats.join(', ')} expected, got '${wanted}'`);
    return found;
  }
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'ndjson') return 'jsonl';
  return formats.find((format) => format === ending) ?? 'lines';
}

/** The records of a file, one after the other. What is wrong with one names its number. */
export async function* readRecords(path: string, format: RecordFormat): AsyncGenerator<unknown> {
  let number = 0;
  try {
    for await (const record of source(path, format)) {
      number += 1;
      yield format === 'jsonl' ? decodeJson(String(record)) : record;
    }
  } catch (error) {
    const failed = format === 'jsonl' ? number : number + 1;
    throw new Error(`record ${failed}: ${(error as Error).message}`);
  }
}

function source(path: string, format: RecordFormat): AsyncIterable<unknown> {
  switch (format) {
    case 'csv':
    case 'tsv': {
      const parser = parse({
        columns: true,
        bom: true,
        delimiter: format === 'csv' ? ',' : '\t',
        skip_empty_lines: true,
      });
      const stream = createReadStream(path);
      stream.on('error', (error) => parser.destroy(error));
      parser.on('close', () => stream.destroy());
      return stream.pipe(parser);
    }
    case 'json':
      return jsonElements(createReadStream(path, 'utf8'));
    case 'jsonl':
      return filledLines(path);
    case 'lines':
      return lines(path);
  }
}

async function* lines(path: string): AsyncGenerator<Uint8Array> {
  yield* readLines(await open(path));
}

async function* filledLines(path: string): AsyncGenerator<string> {
  for await (const line of lines(path)) {
    const text = Buffer.from(line).toString();
    if (text.trim() !== '') yield text;
  }
}
