import {readFile, stat} from 'node:fs/promises';
import {digestFile} from '../../util/digest-file.js';
import {digestOf} from './ingredient.js';

const wholeUpTo = 4 * 1024 * 1024;

/** The SHA-256 of a file's content, in hex. */
export async function hashFile(path: string, size: number): Promise<string> {
  return size <= wholeUpTo ? digestOf(await readFile(path)) : digestFile('sha256', path);
}

/** What an input file is to a cache: its content, and whether it can be executed. A link is the file it leads to. */
export async function hashInput(path: string): Promise<string> {
  const stats = await stat(path);
  const content = await hashFile(path, stats.size);
  return stats.mode & 0o100 ? `executable ${content}` : content;
}
