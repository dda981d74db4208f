import {open, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {digestFile} from '../../util/digest-file.js';
import {isTemporary} from '../../util/write-atomically.js';
import {compilePattern} from '../regex/pattern.js';
import type {Change, Probe} from './probe.js';

/** What of a new part of a log is read at one look. */
const mostLogBytes = 4 * 2 ** 20;

/** Whether a file is there, and what is in it. */
export function fileProbe(path: string, byContent: boolean): Probe {
  let before: string | undefined;
  let isFirst = true;
  return {
    async look() {
      const now = await printOf(path, byContent);
      const changes = isFirst ? [] : changesOf(path, before, now);
      [before, isFirst] = [now, false];
      return changes;
    },
  };
}

/** The files and folders in a folder. */
export function directoryProbe(path: string, byContent: boolean): Probe {
  let before: ReadonlyMap<string, string> | undefined;
  return {
    async look() {
      const names = await readdir(path).catch(() => []);
      const now = new Map<string, string>();
      for (const name of names.filter((one) => !isTemporary(one)).sort()) {
        const print = await printOf(join(path, name), byContent);
        if (print !== undefined) now.set(join(path, name), print);
      }
      const paths = new Set([...(before ?? now).keys(), ...now.keys()]);
      const changes = [...paths].flatMap((one) => changesOf(one, (before ?? now).get(one), now.get(one)));
      before = now;
      return changes;
    },
  };
}

/** Lines that are added to a file and match. A file that was made anew is read from its beginning. */
export function logProbe(path: string, pattern: string): Probe {
  const matches = compilePattern(pattern, '');
  let at: number | undefined;
  let inode: number | undefined;
  let rest = '';
  return {
    async look() {
      const found = await stat(path).catch(() => undefined);
      const isFirst = at === undefined;
      if (!found?.isFile()) {
        [at, rest, inode] = [0, '', undefined];
        return [];
      }
      const isAnother = inode !== undefined && found.ino !== inode;
      if (at === undefined) at = found.size;
      else if (isAnother || found.size < at) [at, rest] = [0, ''];
      inode = found.ino;
      if (isFirst || found.size === at) return [];
      const text = await readFrom(path, at, Math.min(found.size - at, mostLogBytes));
      at += text.length;
      const lines = (rest + text.toString('latin1')).split('\n');
      rest = (lines.pop() ?? '').slice(-mostLogBytes);
      return lines
        .map((line) => Buffer.from(line, 'latin1').toString())
        .filter((line) => matches.matcher(line).find())
        .map((line): Change => ({what: 'matched', data: {path, line}}));
    },
  };
}

function changesOf(path: string, before: string | undefined, now: string | undefined): readonly Change[] {
  if (before === now) return [];
  const what = before === undefined ? 'created' : now === undefined ? 'deleted' : 'modified';
  return [{what, data: {path}}];
}

async function printOf(path: string, byContent: boolean): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (byContent && found.isFile()) return await digestFile('sha256', path);
    return found.isDirectory() ? `folder ${found.ino}` : `${found.ino} ${found.size} ${found.mtimeMs}`;
  } catch {
    return undefined;
  }
}

async function readFrom(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(length);
    const {bytesRead} = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
