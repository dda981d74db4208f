import {opendir} from 'node:fs/promises';
import {join} from 'node:path';

/** Pairs of path and type of all that is below a directory, depth first; links are not followed. */
export async function* walk(shown: string, real: string): AsyncGenerator<readonly [string, string]> {
  const pending = [{shown, real}];
  for (let here = pending.pop(); here; here = pending.pop()) {
    const below: {shown: string; real: string}[] = [];
    const directory = await opendir(here.real).catch(() => undefined);
    if (!directory) continue;
    for await (const entry of directory) {
      const path = join(here.shown, entry.name);
      const type = entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : entry.isSymbolicLink()
            ? 'link'
            : 'other';
      if (type === 'directory') below.push({shown: path, real: join(here.real, entry.name)});
      yield [path, type];
    }
    pending.push(...below.reverse());
  }
}
