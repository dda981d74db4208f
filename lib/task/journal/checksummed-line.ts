import {checkedLine, readCheckedLine} from '../../util/checked-line.js';
import type {JournalRecord} from './journal-record.js';

/** One commit as one line with its checksum: its records as JSON. */
export function encodeLine(records: readonly JournalRecord[]): string {
  return checkedLine(JSON.stringify(records));
}

/** What a file of such lines holds. */
export interface DecodedLines {
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last line that is whole. */
  readonly length: number;
  /** The first damaged line, from 1, if lines that are whole follow it; a torn last line is none. */
  readonly damagedLine: number | undefined;
}

/** Reads lines up to the first that is torn or damaged. */
export function decodeLines(bytes: Buffer): DecodedLines {
  const records: JournalRecord[] = [];
  let from = 0;
  let line = 1;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
    const found = decodeLine(bytes.toString('utf8', from, end));
    if (!found) return {records, length: from, damagedLine: isWholeAfter(bytes, end + 1) ? line : undefined};
    records.push(...found);
    from = end + 1;
    line += 1;
  }
  return {records, length: from, damagedLine: undefined};
}

function decodeLine(text: string): readonly JournalRecord[] | undefined {
  const body = readCheckedLine(text);
  return body === undefined ? undefined : (JSON.parse(body) as readonly JournalRecord[]);
}

function isWholeAfter(bytes: Buffer, from: number): boolean {
  const lines = bytes.toString('utf8', from).split('\n').slice(0, -1);
  return lines.some((text) => decodeLine(text) !== undefined);
}
