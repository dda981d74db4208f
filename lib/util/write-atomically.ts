import {randomBytes} from 'node:crypto';
import {open, realpath, rename, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

/** Whether a path is that of the new file that {@link writeAtomically} works with. */
export function isTemporary(path: string): boolean {
  return /(?:^|\/)\.[^/]+\.[\da-f]{12}\.tmp$/.test(path);
}

/** How a file is written. */
export interface WriteOptions {
  /** Of a new file; one that is replaced keeps its own. Default: 0o666 without what the process's mask takes away. */
  readonly mode?: number | undefined;
}

/**
 * Writes a file so that others see the old content or the new one, never a part of it, also after a crash: into a new file beside it, which
 * then takes its name. A link stays a link to the file that is written.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  {mode}: WriteOptions = {},
): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => undefined);
  if (before && !before.isFile()) {
    // A device or a pipe has no content that could be replaced.
    if (before.isDirectory()) throw Object.assign(new Error('it is a directory'), {code: 'EISDIR'});
    const device = await open(target, 'w');
    await device.writeFile(content).finally(() => device.close());
    return;
  }
  const temporary = join(dirname(target), `.${basename(target).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', mode ?? (before ? before.mode & 0o7777 : 0o666));
  try {
    try {
      if (before) await file.chmod(before.mode & 0o7777);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
}
