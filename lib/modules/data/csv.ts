import {parse} from 'csv-parse/sync';
import {stringify} from 'csv-stringify/sync';
import {isPlainObject} from '../../util/plain-object.js';
import {listOf, luaType, readOptions} from '../options.js';

const shape = {delimiter: 'string', header: 'boolean'} as const;

/** Rows by the names of the first line, or as lists. @throws Error with the line. */
export function decodeCsv(text: string, options: unknown): unknown {
  const {delimiter = ',', header = true} = readOptions(options, shape);
  try {
    return parse(text, {delimiter, columns: header, bom: true, skip_empty_lines: true, relax_column_count: false});
  } catch (error) {
    throw new Error(`no CSV: ${(error as Error).message}`);
  }
}

/** @throws Error for rows that are none, and for values that have no text. */
export function encodeCsv(rows: unknown, options: unknown): string {
  const {delimiter = ',', header = true, columns} = readOptions(options, {...shape, columns: 'list'});
  const list = listOf(rows);
  if (!list) throw new Error(`CSV: a list of rows expected, got a ${luaType(rows)} with names`);
  const names =
    (columns as readonly string[] | undefined) ??
    [...new Set(list.flatMap((row) => (isPlainObject(row) ? Object.keys(row) : [])))].sort();
  const table = list.map((row, index) => {
    const values = Array.isArray(row) ? row : isPlainObject(row) ? names.map((name) => row[name]) : undefined;
    if (!values) throw new Error(`CSV: row ${index + 1}: a table expected, got ${luaType(row)}`);
    for (const value of values) {
      if (typeof value === 'object' && value !== null)
        throw new Error(`CSV: row ${index + 1} has a value that is a ${luaType(value)}`);
    }
    return values.map((value) => (typeof value === 'boolean' ? String(value) : value));
  });
  const withNames = header && names.length > 0 ? [names, ...table] : table;
  return stringify(withNames, {delimiter});
}
