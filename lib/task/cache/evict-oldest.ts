import {readdir, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {blobsOf, type CacheEntry, cacheEntry} from './cache-entry.js';

/** Content this young may belong to an entry that is being written. */
const graceMs = 10 * 60_000;

interface Aged {
  readonly path: string;
  readonly usedAt: number;
  readonly bytes: number;
}

/** What the content may come to, or by how much less it is to be. */
export type Eviction = {readonly maxBytes: number} | {readonly fewerBytes: number};

/**
 * Removes the entries unused for longest until the content of the others fits, then all content that belonged to them, or belongs
 * to none. Another process may use the folder meanwhile: an entry whose content went is a miss.
 *
 * @returns bytes given back.
 */
export async function evictOldest(folder: string, wanted: Eviction, now: number): Promise<number> {
  const blobs = await agedFiles(join(folder, 'cas'));
  const total = blobs.reduce((sum, {bytes}) => sum + bytes, 0);
  const maxBytes = 'maxBytes' in wanted ? wanted.maxBytes : Math.max(total - wanted.fewerBytes, 0);
  if (total <= maxBytes) return 0;
  const sizes = new Map(blobs.map(({path, bytes}) => [nameOf(path), bytes]));
  const entries = (await agedFiles(join(folder, 'ac'))).sort((a, b) => b.usedAt - a.usedAt);
  const kept = new Set<string>();
  const evicted = new Set<string>();
  let room = maxBytes;
  let full = false;
  for (const {path} of entries) {
    const entry = await readEntry(path);
    if (entry && !full) {
      const fresh = blobsOf(entry).filter((digest) => !kept.has(digest));
      room -= fresh.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
      // Whatever is older goes with the first that does not fit: the order of eviction is the order of use.
      full = room < 0;
      if (!full) for (const digest of fresh) kept.add(digest);
    }
    if (entry && !full) continue;
    for (const digest of entry ? blobsOf(entry) : []) evicted.add(digest);
    await rm(path, {force: true});
  }
  let freed = 0;
  for (const {path, usedAt, bytes} of blobs) {
    const name = nameOf(path);
    if (kept.has(name) || (!evicted.has(name) && now - usedAt < graceMs)) continue;
    await rm(path, {force: true});
    freed += bytes;
  }
  return freed;
}

async function readEntry(path: string): Promise<CacheEntry | undefined> {
  try {
    return cacheEntry.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function agedFiles(folder: string): Promise<Aged[]> {
  const found = await readdir(folder, {withFileTypes: true, recursive: true}).catch(() => []);
  const files: Aged[] = [];
  for (const item of found) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    const stats = await stat(path).catch(() => undefined);
    if (stats) files.push({path, usedAt: stats.mtimeMs, bytes: stats.size});
  }
  return files;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
