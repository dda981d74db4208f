import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {readFile, stat} from 'node:fs/promises';
import {digestOf} from './ingredient.js';

const wholeUpTo = 4 * 1024 * 1024;

/** The SHA-256 of a file's content, in hex. */
export async function hashFile(path: string, size: number): Promise<string> {
  if (size <= wholeUpTo) return digestOf(await readFile(path));
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** What an input file is to a cache: its content, and whether it can be executed. A link is the file it leads to. */
export async function hashInput(path: string): Promise<string> {
  const stats = await stat(path);
  const content = await hashFile(path, stats.size);
  return stats.mode & 0o100 ? `executable ${content}` : content;
}
