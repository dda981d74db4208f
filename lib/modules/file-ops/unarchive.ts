import {createReadStream} from 'node:fs';
import {lstat, mkdir, readlink} from 'node:fs/promises';
import {join, normalize} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import * as tar from 'tar';

/** How an archive is unpacked. */
export interface UnarchiveOptions {
  readonly archive: string;
  readonly folder: string;
  /** How many leading parts of each path are left out. */
  readonly strip: number;
  /** The most bytes that may come out of it. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly mtime: Date | undefined;
  readonly link: string | undefined;
}

const mostEntries = 200_000;
const allowedTypes = new Set(['File', 'OldFile', 'Directory', 'SymbolicLink', 'Link']);

/**
 * Unpacks a tar archive, compressed by gzip or not, if what is in it is not there yet.
 *
 * It is read twice: nothing is written before all of it has been judged. @returns whether it wrote, and how many entries there are.
 * @throws Error for an entry that would leave the folder, one that is neither file, directory nor link, and what is too large.
 */
export async function unarchive(options: UnarchiveOptions): Promise<{changed: boolean; entries: number}> {
  const {archive, folder, strip, signal} = options;
  const entries = await listed(options);
  if (await allThere(entries, folder)) return {changed: false, entries: entries.length};
  await mkdir(folder, {recursive: true});
  await pipeline(
    await opened(archive, options.maxBytes, () => entries.length),
    tar.x({cwd: folder, strip, preservePaths: false, strict: true}),
    {signal},
  );
  return {changed: true, entries: entries.length};
}

async function listed(options: UnarchiveOptions): Promise<Entry[]> {
  const entries: Entry[] = [];
  let refused: Error | undefined;
  let bytes = 0;
  const parser = tar.t({
    strict: true,
    onReadEntry: (entry) => {
      if (refused) return;
      try {
        bytes += entry.size;
        if (bytes > options.maxBytes) throw tooLarge(options.maxBytes);
        if (entries.length >= mostEntries) throw new Error(`it has more than ${mostEntries} entries`);
        const judged = judge(entry, options.strip);
        if (judged) entries.push(judged);
      } catch (error) {
        refused = error as Error;
      }
    },
  });
  const stops = new Transform({
    transform(chunk, _encoding, done) {
      done(refused ?? null, chunk);
    },
  });
  try {
    await pipeline(await opened(options.archive, options.maxBytes, () => entries.length), stops, parser, {
      signal: options.signal,
    });
  } catch (error) {
    throw refused ?? error;
  }
  if (refused) throw refused;
  return entries;
}

// Bytes as they come out, and never more than there may be: also of what no entry tells of.
async function opened(archive: string, maxBytes: number, entries: () => number): Promise<NodeJS.ReadableStream> {
  const file = createReadStream(archive);
  const head = await new Promise<Buffer>((resolve, reject) => {
    file.once('error', reject);
    file.once('readable', () => {
      const first = (file.read(Math.min(file.readableLength, 2)) as Buffer | null) ?? Buffer.alloc(0);
      file.unshift(first);
      resolve(first);
    });
  });
  if (head[0] === 0x50 && head[1] === 0x4b) throw new Error('it is a zip file; tar and tar.gz are unpacked');
  let bytes = 0;
  const counts = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maxBytes + headersOf(entries()) ? tooLarge(maxBytes) : null, chunk);
    },
  });
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const stages = isGzip ? pipeline(file, createGunzip(), counts) : pipeline(file, counts);
  stages.catch((error: Error) => counts.destroy(error));
  return counts;
}

// What headers, padding and the archive's end may take beside the files.
function headersOf(entries: number): number {
  return 2 ** 17 + 4096 * entries;
}

function tooLarge(most: number): Error {
  return new Error(`more than ${most} bytes would come out of it; option 'max_bytes' allows more`);
}

function judge({path, type, size, mtime, linkpath}: tar.ReadEntry, strip: number): Entry | undefined {
  if (!allowedTypes.has(type)) throw new Error(`${path}: a ${type} is not unpacked`);
  staysInside(path, path);
  const stripped = normalize(path).split('/').filter(Boolean).slice(strip).join('/');
  if (stripped === '') return undefined;
  if (type === 'SymbolicLink') staysInside(join(stripped, '..', linkpath ?? ''), `${path} -> ${linkpath}`);
  if (type === 'Link') staysInside(linkpath ?? '', `${path} -> ${linkpath}`);
  if (linkpath?.startsWith('/')) throw new Error(`${path} -> ${linkpath}: it would leave the folder`);
  return {path: stripped, type, size, mtime, link: linkpath};
}

function staysInside(path: string, shown: string): void {
  const plain = normalize(path);
  if (path.startsWith('/') || plain === '..' || plain.startsWith('../') || path.includes('\0')) {
    throw new Error(`${shown}: it would leave the folder`);
  }
}

async function allThere(entries: readonly Entry[], folder: string): Promise<boolean> {
  for (const entry of entries) if (!(await isThere(entry, join(folder, entry.path)))) return false;
  return true;
}

async function isThere({type, size, mtime, link}: Entry, path: string): Promise<boolean> {
  const info = await lstat(path).catch(() => undefined);
  if (!info) return false;
  if (type === 'Directory') return info.isDirectory();
  if (type === 'SymbolicLink') return info.isSymbolicLink() && (await readlink(path)) === link;
  if (type === 'Link') return info.isFile();
  const sameTime = mtime === undefined || Math.abs(info.mtimeMs - mtime.getTime()) < 1000;
  return info.isFile() && info.size === size && sameTime;
}
