import {lstat, mkdir, readFile, readlink, realpath, rename, rm, symlink} from 'node:fs/promises';
import {dirname, isAbsolute, join, relative, sep} from 'node:path';
import {z} from 'zod';
import type {BlobStore} from './blob-store.js';
import {findFiles} from './find-files.js';
import {digestOf} from './ingredient.js';
import {mapLimited} from './map-limited.js';

/** A file that a task made, as the cache keeps it; its path is relative to the task's folder. */
export const outputFile = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: z.string(),
    digest: z.string().regex(/^[\da-f]{64}$/),
    mode: z.number().int(),
    bytes: z.number().int().nonnegative(),
  }),
  z.object({kind: z.literal('link'), path: z.string(), target: z.string()}),
]);
export type OutputFile = z.infer<typeof outputFile>;

/** How many files are read or written at a time. */
const parallelFiles = 16;

/**
 * Keeps what the globs match in `folder`.
 *
 * @throws Error when a file lies outside the folder.
 */
export async function keepOutputs(
  folder: string,
  globs: readonly string[],
  blobs: BlobStore,
): Promise<readonly OutputFile[]> {
  const paths = await withoutFollowing(folder, await findFiles(folder, globs));
  return mapLimited(paths, parallelFiles, async (path): Promise<OutputFile> => {
    checkInside(path);
    const whole = join(folder, path);
    const stats = await lstat(whole);
    if (stats.isSymbolicLink()) return {kind: 'link', path, target: await readlink(whole)};
    const digest = await blobs.putFile(whole, stats.size);
    return {kind: 'file', path, digest, mode: stats.mode & 0o777, bytes: stats.size};
  });
}

/**
 * Puts files back where they were. One that is there already and the same is left alone, any other is replaced; none is
 * written through a link that leads out of the folder.
 *
 * @throws Error when a path leads out of the folder or content is missing.
 */
export async function restoreOutputs(folder: string, files: readonly OutputFile[], blobs: BlobStore): Promise<void> {
  const root = await realpath(folder);
  await mapLimited(files, parallelFiles, async (file) => {
    checkInside(file.path);
    const path = join(root, file.path);
    const parent = relative(root, await realNameOf(dirname(path)));
    if (parent.split(sep)[0] === '..' || isAbsolute(parent)) throw new Error(`'${file.path}' leads out of its folder`);
    await mkdir(dirname(path), {recursive: true});
    if (await isSame(path, file)) return;
    const fresh = `${path}.sloth-${process.pid}`;
    await rm(fresh, {force: true});
    if (file.kind === 'link') await symlink(file.target, fresh);
    else await blobs.copyTo(file.digest, fresh, file.mode & 0o777);
    await rename(fresh, path);
  });
}

// A link stays a link, also one to a folder, in which files were found.
async function withoutFollowing(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  const links = new Map<string, Promise<boolean>>();
  const isLink = (path: string): Promise<boolean> => {
    const known = links.get(path) ?? lstat(join(folder, path)).then((stats) => stats.isSymbolicLink());
    links.set(path, known);
    return known;
  };
  const found = new Set<string>();
  for (const path of paths) {
    checkInside(path);
    const names = path.split('/');
    let length = 1;
    while (length < names.length && !(await isLink(names.slice(0, length).join('/')))) length += 1;
    found.add(names.slice(0, length).join('/'));
  }
  return [...found];
}

// Without links; of a folder that is not there yet, the nearest one above that is.
async function realNameOf(folder: string): Promise<string> {
  for (let above = folder; ; above = dirname(above)) {
    const real = await realpath(above).catch(() => undefined);
    if (real !== undefined || above === dirname(above)) return real ?? above;
  }
}

async function isSame(path: string, file: OutputFile): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return false;
  if (file.kind === 'link') return stats.isSymbolicLink() && (await readlink(path)) === file.target;
  if (!stats.isFile() || stats.size !== file.bytes || (stats.mode & 0o777) !== (file.mode & 0o777)) return false;
  return digestOf(await readFile(path)) === file.digest;
}

function checkInside(path: string): void {
  if (path === '' || isAbsolute(path) || path.split(/[/\\]/).includes('..'))
    throw new Error(`'${path}' is not inside the task's folder`);
}
