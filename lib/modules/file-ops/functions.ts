import * as files from 'node:fs/promises';
import {basename, join, relative} from 'node:path';
import type {HostCall} from '../../host-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {fileProblem} from '../../util/file-problem.js';
import type {Implementations} from '../declaration.js';
import {download} from '../http/download.js';
import {httpClientOf} from '../http/functions.js';
import {planRequest, readOptions as readHttpOptions} from '../http/request-plan.js';
import {readRequired} from '../options.js';
import type {ModuleServices} from '../services.js';
import {render} from '../template/render.js';
import {type Edited, editBlock, editLine, replaceIn} from './edit-text.js';
import {
  contentOf,
  copyContent,
  digestOfFile,
  keepContent,
  moveContent,
  partOf,
  type Wanted,
  writeContent,
} from './place-file.js';
import {unarchive} from './unarchive.js';

const edits = {
  path: 'string',
  create: 'boolean',
  backup: 'boolean',
  mode: 'any',
  insertafter: 'string',
  insertbefore: 'string',
  state: 'string',
} as const;
const checksumPattern = /^(md5|sha1|sha256|sha512):([0-9a-f]+)$/i;
const defaultMaxBytes = 2 ** 30;

export function create(services: ModuleServices): Implementations {
  const {permissions} = services;
  const turns = services.shared('file turns', () => new Turns());
  const readable = (path: string) => permissions.checkPath('read', path);
  const writable = (path: string) => permissions.checkPath('write', path);

  const edit = async (
    path: string,
    options: Wanted & {create?: boolean | undefined},
    change: (text: string) => Edited,
  ) => {
    await readable(path);
    const target = await writable(path);
    return turns.take(target, () =>
      answer(path, async () => {
        const before = await contentOf(target);
        if (!before && options.create !== true) throw Object.assign(new Error(), {code: 'ENOENT'});
        const {text, count} = change(before ? utf8(before) : '');
        return {...(await writeContent(target, Buffer.from(text), options)), count, path};
      }),
    );
  };

  const copyFile = async (source: string, target: string, wanted: Wanted) => {
    const mode = wanted.mode ?? (await files.stat(source)).mode & 0o777;
    return turns.take(target, () => copyContent(source, target, {...wanted, mode}));
  };

  return {
    async copy(given) {
      const {src, dest, mode, backup} = readRequired(
        given,
        {src: 'string', dest: 'string', mode: 'any', backup: 'boolean'},
        ['src', 'dest'],
      );
      const wanted = {mode: modeOf(mode), backup};
      return answer(src, async () => {
        const source = await readable(src);
        const info = await files.stat(source);
        if (info.isDirectory()) return copyTree(source, await writable(dest), wanted, copyFile);
        const into = await files.stat(await readable(dest).catch(() => dest)).catch(() => undefined);
        const path = into?.isDirectory() ? join(dest, basename(src)) : dest;
        return {...(await copyFile(source, await writable(path), wanted)), path};
      });
    },
    async fetch(this: HostCall, given) {
      const {url, dest, checksum, force, mode, headers, timeout} = readRequired(
        given,
        {
          url: 'string',
          dest: 'string',
          checksum: 'string',
          force: 'boolean',
          mode: 'any',
          headers: 'table',
          timeout: 'any',
        },
        ['url', 'dest'],
      );
      const wantedSum = checksum === undefined ? undefined : checksumOf(checksum);
      const wantedMode = modeOf(mode);
      const target = await writable(dest);
      const fits = async (path: string): Promise<boolean> =>
        wantedSum === undefined || (await digestOfFile(wantedSum[0], path)) === wantedSum[1];
      const isThere = (await files.stat(target).catch(() => undefined))?.isFile() ?? false;
      if (isThere && !force && (await fits(target))) {
        return answer(dest, async () => ({...(await keepContent(target, {mode: wantedMode})), path: dest}));
      }
      const options = readHttpOptions('file_ops.fetch', {
        ...(headers && {headers: headers as Record<string, Sendable>}),
        ...(timeout !== undefined && {timeout: timeout as Sendable}),
      });
      const plan = planRequest('file_ops.fetch', 'GET', url, {...options, max_bytes: Number.MAX_SAFE_INTEGER});
      const part = partOf(target);
      try {
        const done = await download(httpClientOf(services), plan, part, this.signal);
        if (!done.saved) return results(undefined, done.message);
        return await turns.take(target, () =>
          answer(dest, async () => {
            if (!(await fits(part))) throw await wrongSum(url, wantedSum?.[0] ?? 'sha256', part);
            return {...(await moveContent(part, target, {mode: wantedMode})), path: dest};
          }),
        );
      } finally {
        await files.rm(part, {force: true});
      }
    },
    async template(given) {
      const {src, content, dest, vars, mode, backup} = readRequired(
        given,
        {src: 'string', content: 'string', dest: 'string', vars: 'table', mode: 'any', backup: 'boolean'},
        ['dest'],
      );
      if ((src === undefined) === (content === undefined))
        throw new Error("options: one of 'src' and 'content' expected");
      const wanted = {mode: modeOf(mode), backup};
      const target = await writable(dest);
      return answer(src ?? dest, async () => {
        const text = content ?? utf8(await files.readFile(await readable(src ?? '')));
        const filled = Buffer.from(render(text, (vars ?? {}) as Record<string, unknown>));
        return turns.take(target, async () => ({...(await writeContent(target, filled, wanted)), path: dest}));
      });
    },
    async lineinfile(given) {
      const options = readRequired(given, {...edits, line: 'string', regexp: 'string'}, ['path']);
      const {path, create, backup, line, regexp, insertafter, insertbefore} = options;
      const state = stateOf(options.state);
      if (line === undefined && regexp === undefined) throw new Error("options: 'line' or 'regexp' expected");
      if (line?.includes('\n')) throw new Error("option 'line': one line expected; blockinfile takes several");
      const wanted = {create, backup, mode: modeOf(options.mode)};
      return edit(path, wanted, (text) => editLine(text, {line, regexp, state, insertafter, insertbefore}));
    },
    async blockinfile(given) {
      const options = readRequired(given, {...edits, block: 'string', marker: 'string'}, ['path']);
      const {path, create, backup, block = '', marker = '# {mark} MANAGED BLOCK', insertafter, insertbefore} = options;
      const state = stateOf(options.state);
      if (!marker.includes('{mark}') || marker.includes('\n'))
        throw new Error("option 'marker': one line with {mark} in it expected");
      const [begin, end] = [marker.replaceAll('{mark}', 'BEGIN'), marker.replaceAll('{mark}', 'END')];
      const wanted = {create, backup, mode: modeOf(options.mode)};
      return edit(path, wanted, (text) => editBlock(text, {block, begin, end, state, insertafter, insertbefore}));
    },
    async replace(given) {
      const {
        path,
        regexp,
        replace = '',
        backup,
        mode,
      } = readRequired(given, {path: 'string', regexp: 'string', replace: 'string', backup: 'boolean', mode: 'any'}, [
        'path',
        'regexp',
      ]);
      return edit(path, {backup, mode: modeOf(mode)}, (text) => replaceIn(text, regexp, replace));
    },
    async unarchive(this: HostCall, given) {
      const {
        src,
        dest,
        strip = 0,
        max_bytes: maxBytes = defaultMaxBytes,
      } = readRequired(given, {src: 'string', dest: 'string', strip: 'integer', max_bytes: 'integer'}, ['src', 'dest']);
      if (strip < 0) throw new Error(`option 'strip': 0 or more expected, got ${strip}`);
      const [archive, folder] = [await readable(src), await writable(dest)];
      return turns.take(folder, () =>
        answer(src, async () => {
          try {
            return {...(await unarchive({archive, folder, strip, maxBytes, signal: this.signal})), path: dest};
          } catch (error) {
            if (this.signal.aborted || fileProblem(error, src) !== undefined) throw error;
            throw new Unfit(`${src}: ${(error as Error).message}`);
          }
        }),
      );
    },
    async stat(given) {
      const {path, checksum} = readRequired(given, {path: 'string', checksum: 'string'}, ['path']);
      const algorithm = checksum === undefined ? undefined : algorithmOf(checksum);
      const target = await readable(path);
      const info = await files.stat(target).catch(() => undefined);
      if (!info) return {exists: false, path};
      const type = info.isFile() ? 'file' : info.isDirectory() ? 'directory' : 'other';
      const sum = algorithm !== undefined && type === 'file' ? await digestOfFile(algorithm, target) : undefined;
      const {size, uid, gid, mtimeMs} = info;
      return {
        exists: true,
        path,
        type,
        size,
        mode: info.mode & 0o7777,
        uid,
        gid,
        mtime: mtimeMs / 1000,
        ...(sum !== undefined && {checksum: sum}),
      };
    },
  };
}

/** What a program gave does not fit what it finds: an answer, not an error. */
class Unfit extends Error {}

/** Work on one file happens one after the other. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(path);
    const mine = (async () => {
      await before?.catch(() => {});
      return work();
    })();
    this.#last.set(path, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(path) === mine) this.#last.delete(path);
    }
  }
}

// What is done comes as one table, twice: older scripts look at the second result.
async function answer(path: string, work: () => Promise<Sendable>): Promise<ReturnType<typeof results>> {
  try {
    const done = await work();
    return results(done, done);
  } catch (error) {
    const problem = error instanceof Unfit ? error.message : fileProblem(error, path);
    if (problem === undefined) throw error;
    return results(undefined, problem);
  }
}

async function wrongSum(url: string, algorithm: string, path: string): Promise<Unfit> {
  const sum = await digestOfFile(algorithm, path);
  return new Unfit(`${url}: its checksum is ${algorithm}:${sum}, not the one that was asked for`);
}

async function copyTree(
  source: string,
  target: string,
  wanted: Wanted,
  copyFile: (source: string, target: string, wanted: Wanted) => Promise<{changed: boolean}>,
): Promise<Sendable> {
  let [changed, count] = [false, 0];
  for (const entry of await files.readdir(source, {recursive: true, withFileTypes: true})) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) {
      if (!entry.isDirectory()) throw new Unfit(`${path}: neither a file nor a directory`);
      await files.mkdir(join(target, relative(source, path)), {recursive: true});
      continue;
    }
    const done = await copyFile(path, join(target, relative(source, path)), wanted);
    count += 1;
    changed ||= done.changed;
  }
  return {changed, count, path: target};
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    throw new Unfit('it is not UTF-8');
  }
}

function stateOf(state: string | undefined): 'present' | 'absent' {
  if (state === undefined || state === 'present' || state === 'absent') return state ?? 'present';
  throw new Error(`option 'state': 'present' or 'absent' expected, got '${state}'`);
}

function modeOf(mode: unknown): number | undefined {
  if (mode === undefined) return undefined;
  const value = typeof mode === 'string' && /^0?[0-7]{3,4}$/.test(mode) ? Number.parseInt(mode, 8) : mode;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o7777) return value as number;
  throw new Error(`option 'mode': a text such as "0644" or an integer up to tonumber("7777", 8) expected`);
}

function checksumOf(text: string): readonly [algorithm: string, digest: string] {
  const [, algorithm, sum] = checksumPattern.exec(text) ?? [];
  if (algorithm === undefined || sum === undefined)
    throw new Error(`option 'checksum': a text such as "sha256:<hex>" expected, got '${text}'`);
  return [algorithm.toLowerCase(), sum.toLowerCase()];
}

function algorithmOf(name: string): string {
  if (checksumPattern.test(`${name}:0`)) return name.toLowerCase();
  throw new Error(`option 'checksum': md5, sha1, sha256 or sha512 expected, got '${name}'`);
}
