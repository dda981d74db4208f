import {constants} from 'node:fs';
import * as files from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {glob} from 'tinyglobby';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {fileProblem} from '../../util/file-problem.js';
import {asText} from '../../util/text-of.js';
import {writeAtomically} from '../../util/write-atomically.js';
import type {Implementations} from '../declaration.js';
import {readOptions} from '../options.js';
import type {ModuleServices} from '../services.js';
import {OpenSources, sourceOf} from './pieces.js';
import {readLines} from './read-lines.js';
import {walk} from './walk.js';
import {watchSource} from './watch.js';

type Bytes = string | Uint8Array;

export function create({permissions, onClose}: ModuleServices): Implementations {
  const sources = new OpenSources();
  onClose(() => sources.closeAll());
  const readable = (path: unknown) => permissions.checkPath('read', asText(path));
  const writable = (path: unknown) => permissions.checkPath('write', asText(path));
  const bytes = (value: unknown): Bytes => (value instanceof Uint8Array ? value : String(value));

  const remove = async (path: Sendable) =>
    attempt(path, false, async () => {
      const target = await inParent(path, writable);
      const {isDirectory} = await kindOf(target);
      await (isDirectory ? files.rmdir(target) : files.unlink(target));
      return true;
    });
  const removeAll = async (path: Sendable) =>
    attempt(path, false, async () => {
      const target = await inParent(path, writable);
      refuseAncestor(target);
      await files.rm(target, {recursive: true, force: true});
      return true;
    });
  const list = async (path: Sendable) =>
    attempt(path, undefined, async () => (await files.readdir(await readable(path))).sort());
  const move = async (from: Sendable, to: Sendable) =>
    attempt(from, false, async () => {
      const [source, target] = [await inParent(from, writable), await inParent(to, writable)];
      try {
        await files.rename(source, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
        await copyWhole(source, target);
        await files.rm(source, {recursive: true});
      }
      return true;
    });
  const testKind = async (path: Sendable, test: (info: Awaited<ReturnType<typeof files.stat>>) => boolean) => {
    const target = await readable(path);
    const info = await files.stat(target).catch(() => undefined);
    return info !== undefined && test(info);
  };

  return {
    read: async (path) =>
      attempt(path, undefined, async () => files.readFile(await readable(path), {signal: undefined})),
    write: async (path, text, options) =>
      attempt(path, false, async () => {
        const {mode} = readOptions(options, {mode: 'integer'});
        await writeAtomically(await writable(path), bytes(text), {mode});
        return true;
      }),
    append: async (path, text) =>
      attempt(path, false, async () => {
        await files.appendFile(await writable(path), bytes(text));
        return true;
      }),
    exists: (path) => testKind(path, () => true),
    is_file: (path) => testKind(path, (info) => info.isFile()),
    is_dir: (path) => testKind(path, (info) => info.isDirectory()),
    mkdir: async (path) =>
      attempt(path, false, async () => {
        await files.mkdir(await writable(path), {recursive: true});
        return true;
      }),
    rm: remove,
    remove,
    rm_r: removeAll,
    rmr: removeAll,
    remove_recursive: removeAll,
    ls: list,
    list,
    stat: async (path) => attempt(path, undefined, async () => describe(await inParent(path, readable))),
    size: async (path) => attempt(path, undefined, async () => (await files.stat(await readable(path))).size),
    copy: async (from, to) =>
      attempt(from, false, async () => {
        await copyWhole(await readable(from), await writable(to));
        return true;
      }),
    move,
    rename: move,
    symlink: async (target, path) =>
      attempt(path, false, async () => {
        const link = await inParent(path, writable);
        // Who may write through the link must be allowed to write what it leads to.
        await permissions.checkPath('write', resolve(dirname(link), asText(target)));
        await files.symlink(asText(target), link);
        return true;
      }),
    tmpname: async (prefix) =>
      attempt(tmpdir(), undefined, async () => {
        const path = join(await writable(tmpdir()), `${prefixOf(prefix)}${process.pid}-${crypto.randomUUID()}`);
        await (await files.open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)).close();
        return path;
      }),
    tmpdir: async (prefix) =>
      attempt(tmpdir(), undefined, async () => files.mkdtemp(join(await writable(tmpdir()), prefixOf(prefix)))),
    glob: async (pattern, options) => {
      const {dir, hidden, directories} = readOptions(options, {
        dir: 'string',
        hidden: 'boolean',
        directories: 'boolean',
      });
      return attempt(dir ?? '.', undefined, async () => {
        const cwd = await readable(dir ?? '.');
        if (!(await files.stat(cwd)).isDirectory()) throw Object.assign(new Error(), {code: 'ENOTDIR'});
        const text = asText(pattern);
        if (text.startsWith('/') || text.split('/').includes('..')) {
          throw new Error('pattern: it is relative to the directory and does not leave it; use the option dir');
        }
        const found = await glob(text, {
          cwd,
          dot: hidden ?? false,
          onlyFiles: !directories,
          followSymbolicLinks: false,
        });
        return found.sort();
      });
    },
    open_walk: async (path) => {
      const root = await readable(path);
      if (!(await files.stat(root).catch(() => undefined))?.isDirectory())
        throw new Error(`${asText(path)}: it is not a directory`);
      return sources.add(sourceOf(walk(asText(path), root), 1000));
    },
    open_lines: async (path) => {
      try {
        return sources.add(sourceOf(readLines(await files.open(await readable(path))), 1000));
      } catch (error) {
        throw new Error(fileProblem(error, asText(path)) ?? (error as Error).message);
      }
    },
    open_watch: async (path, options) => {
      const {depth} = readOptions(options, {depth: 'integer'});
      return sources.add(await watchSource(await readable(path), depth));
    },
    next(id) {
      return sources.next(id, this.signal) as Promise<Sendable>;
    },
    close: (id) => sources.close(id),
  };
}

/** Does it; what a file causes is an answer, behind `failed`. */
async function attempt(
  path: Sendable,
  failed: false | undefined,
  action: () => Promise<Sendable>,
): Promise<Sendable | ReturnType<typeof results>> {
  try {
    return await action();
  } catch (error) {
    const problem = fileProblem(error, asText(path));
    if (problem === undefined) throw error;
    return results(failed, problem);
  }
}

/** The path of a thing itself, be it a link: what leads there is followed and judged. */
async function inParent(path: Sendable, check: (path: unknown) => Promise<string>): Promise<string> {
  const absolute = resolve(asText(path));
  const parent = dirname(absolute);
  if (parent === absolute) return check(absolute);
  const real = await files.realpath(parent).catch(() => parent);
  const name = absolute.slice(parent.length).replace(/^\//, '');
  const info = await files.lstat(join(real, name)).catch(() => undefined);
  // A link is judged by where it stands, anything else as a whole.
  await (info?.isSymbolicLink() ? check(real) : check(absolute));
  return join(real, name);
}

async function kindOf(path: string): Promise<{isDirectory: boolean}> {
  return {isDirectory: (await files.lstat(path)).isDirectory()};
}

function refuseAncestor(path: string): void {
  const here = process.cwd();
  if (path === here || here.startsWith(path.endsWith('/') ? path : `${path}/`)) {
    throw new Error(`${path} is not removed: the program runs in it`);
  }
}

async function describe(path: string): Promise<Sendable> {
  const info = await files.lstat(path);
  const type = info.isFile() ? 'file' : info.isDirectory() ? 'directory' : info.isSymbolicLink() ? 'link' : 'other';
  const {size, mode, uid, gid} = info;
  const times = {mtime: info.mtimeMs / 1000, atime: info.atimeMs / 1000, ctime: info.ctimeMs / 1000};
  return {
    type,
    size,
    mode: mode & 0o7777,
    ...times,
    uid,
    gid,
    ...(type === 'link' && {link: await files.readlink(path)}),
  };
}

async function copyWhole(from: string, to: string): Promise<void> {
  const info = await files.stat(from);
  if (!info.isDirectory()) return files.copyFile(from, to);
  await files.cp(from, to, {recursive: true, verbatimSymlinks: true});
}

function prefixOf(prefix: unknown): string {
  const text = prefix === undefined ? 'sloth-' : asText(prefix);
  if (/[/\0]/.test(text)) throw new Error('prefix: a part of a name expected, without slashes');
  return text;
}
