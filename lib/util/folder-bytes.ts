import {lstat, opendir} from 'node:fs/promises';
import {join} from 'node:path';

/** What the files of a folder hold together, in bytes; links count as themselves. What goes away meanwhile counts as nothing. */
export async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const items = await opendir(folder).catch(() => undefined);
    if (!items) continue;
    for await (const item of items) {
      const inside = join(folder, item.name);
      if (item.isDirectory()) folders.push(inside);
      else bytes += await fileBytes(inside);
    }
  }
  return bytes;
}

/** What one file holds; nothing when it is not there. */
export async function fileBytes(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.size ?? 0;
}
