import {randomUUID} from 'node:crypto';
import * as files from 'node:fs/promises';
import {dirname} from 'node:path';
import {digestFile} from '../../util/digest-file.js';
import {writeAtomically} from '../../util/write-atomically.js';

/** What a file is to be, beside its content. */
export interface Wanted {
  /** Default: as it is; of a new file what the process's mask leaves. */
  readonly mode?: number | undefined;
  /** Keeps the old content beside it. */
  readonly backup?: boolean | undefined;
}

/** What became of a file; `backup` is where its old content is. */
export interface Placed {
  readonly changed: boolean;
  readonly backup?: string;
}

/** Writes a content where another one is, or none. */
export async function writeContent(path: string, content: Buffer, wanted: Wanted): Promise<Placed> {
  const before = await contentOf(path);
  if (before?.equals(content)) return settle(path, false, wanted);
  const kept = before && (await keepOld(path, wanted));
  await files.mkdir(dirname(path), {recursive: true});
  await writeAtomically(path, content, {mode: wanted.mode});
  return settle(path, true, wanted, kept);
}

/** Copies a file of any size to where another content is, or none. */
export async function copyContent(source: string, path: string, wanted: Wanted): Promise<Placed> {
  if (await haveSameContent(source, path)) return settle(path, false, wanted);
  const part = partOf(path);
  await files.mkdir(dirname(path), {recursive: true});
  try {
    await files.copyFile(source, part);
    return await replace(part, path, wanted);
  } finally {
    await files.rm(part, {force: true});
  }
}

/** Moves a file to where another content is, or none; it is gone from where it was if that differs. */
export async function moveContent(part: string, path: string, wanted: Wanted): Promise<Placed> {
  return (await haveSameContent(part, path)) ? settle(path, false, wanted) : replace(part, path, wanted);
}

/** Leaves a file's content as it is. */
export function keepContent(path: string, wanted: Wanted): Promise<Placed> {
  return settle(path, false, wanted);
}

/** A name beside a file for what is to become it. */
export function partOf(path: string): string {
  return `${path}.${randomUUID()}.part`;
}

/** A file's digest, in hex, however large it is; undefined when there is none. */
export function digestOfFile(algorithm: string, path: string): Promise<string | undefined> {
  return orMissing(digestFile(algorithm, path));
}

/** A file's content; undefined when there is none. */
export function contentOf(path: string): Promise<Buffer | undefined> {
  return orMissing(files.readFile(path));
}

async function orMissing<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function haveSameContent(left: string, right: string): Promise<boolean> {
  const [a, b] = [await files.stat(left), await files.stat(right).catch(() => undefined)];
  if (!b || a.size !== b.size) return false;
  return (await digestOfFile('sha256', left)) === (await digestOfFile('sha256', right));
}

async function replace(part: string, path: string, wanted: Wanted): Promise<Placed> {
  const before = await files.stat(path).catch(() => undefined);
  if (before?.isDirectory()) throw Object.assign(new Error(), {code: 'EISDIR'});
  const kept = before && (await keepOld(path, wanted));
  if (before && wanted.mode === undefined) await files.chmod(part, before.mode & 0o7777);
  // A link stays one, to the file that is replaced.
  await files.rename(part, before ? await files.realpath(path) : path);
  return settle(path, true, wanted, kept);
}

async function keepOld(path: string, {backup}: Wanted): Promise<string | undefined> {
  if (backup !== true) return undefined;
  const kept = `${path}.${new Date().toISOString().replaceAll(':', '-')}~`;
  await files.copyFile(path, kept);
  return kept;
}

async function settle(path: string, changed: boolean, {mode}: Wanted, kept?: string): Promise<Placed> {
  const modeDiffers = mode !== undefined && ((await files.stat(path)).mode & 0o7777) !== mode;
  if (modeDiffers) await files.chmod(path, mode);
  return {changed: changed || modeDiffers, ...(kept !== undefined && {backup: kept})};
}
