import {crc32} from 'node:zlib';

/** A line with its checksum: the CRC-32 of what follows in 8 hex digits, a blank, the text, a newline. The text has none of its own. */
export function checkedLine(text: string): string {
  return `${checksumOf(text)} ${text}\n`;
}

/** The text of such a line, given without its newline; undefined where it is torn or damaged. */
export function readCheckedLine(line: string): string | undefined {
  const text = line.slice(9);
  return line[8] === ' ' && line.slice(0, 8) === checksumOf(text) ? text : undefined;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
