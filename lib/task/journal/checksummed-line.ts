import {crc32} from 'node:zlib';
import type {JournalRecord} from './journal-record.js';

/** One commit as one line: the CRC-32 of what follows in 8 hex digits, a blank, its records as JSON. */
export function encodeLine(records: readonly JournalRecord[]): string {
  const body = JSON.stringify(records);
  return `${checksumOf(body)} ${body}\n`;
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
  const body = text.slice(9);
  if (text[8] !== ' ' || text.slice(0, 8) !== checksumOf(body)) return undefined;
  return JSON.parse(body) as readonly JournalRecord[];
}

function isWholeAfter(bytes: Buffer, from: number): boolean {
  const lines = bytes.toString('utf8', from).split('\n').slice(0, -1);
  return lines.some((text) => decodeLine(text) !== undefined);
}

function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
