import {posix} from 'node:path';

/** A repository as the rules see it: paths from the root with `/`, and each file's text. */
export type Files = ReadonlyMap<string, string>;

const maxLines = 400;
const nativeFloors = ['base', 'data', 'sched', 'sync', 'lua', 'runtime', 'node'];
// `lib/native` is the border to the addon: the public door alone may touch it.
const libFloors = ['util', 'native', 'door', 'task', 'modules', 'cli'];

const luaPublic = ['lua.h', 'lua.hpp', 'lualib.h', 'lauxlib.h', 'luaconf.h'];
const luaInternal =
  /^(?:lapi|lcode|lctype|ldebug|ldo|lfunc|lgc|ljumptab|llex|llimits|lmem|lobject|lopcodes|lopnames|lparser|lprefix|lstate|lstring|ltable|ltm|lundump|lvm|lzio)\.h$/;
const nodeHeader = /^(?:napi(?:-inl)?|node|node_api|js_native_api|v8|uv)\.h$/;

// One word for one thing, and no promises left open in shipped code.
const forbiddenWords = [/\bfibers?\b/i, /\bTODO\b/, /\bFIXME\b/, /\bXXX\b/];

/** Everything in `files` that breaks the layout: one sentence each, sorted by path. */
export function findLayoutViolations(files: Files): readonly string[] {
  const found: string[] = [];
  const exported = publicNames(files);
  for (const path of [...files.keys()].sort()) {
    const text = files.get(path) ?? '';
    if (path.startsWith('native/')) found.push(...checkText(path, text), ...checkNative(path, text));
    if (path.startsWith('lib/')) found.push(...checkText(path, text), ...checkLib(path, text));
    if (exported.size > 0) found.push(...checkPrivateDoors(path, text, exported));
  }
  return found;
}

function checkText(path: string, text: string): readonly string[] {
  const found: string[] = [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > maxLines) found.push(`${path}: ${lines} lines, more than ${maxLines}: it has two responsibilities`);
  for (const [index, line] of text.split('\n').entries()) {
    const word = forbiddenWords.map((pattern) => pattern.exec(line)?.[0]).find(Boolean);
    if (word) found.push(`${path}:${index + 1}: forbidden word "${word}"`);
  }
  return found;
}

function checkNative(path: string, text: string): readonly string[] {
  if (!/\.(?:h|cc|c|hpp|cpp)$/.test(path)) return [];
  const floor = nativeFloors.indexOf(path.split('/')[1] ?? '');
  if (floor < 0) return [`${path}: not on a floor (${nativeFloors.join(', ')})`];
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const included = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(line);
    const complaint = included && complainAboutInclude(included[1] ?? '', floor, /"/.test(included[0]));
    if (complaint) found.push(`${path}:${index + 1}: ${complaint}`);
  }
  return found;
}

function complainAboutInclude(header: string, floor: number, quoted: boolean): string | undefined {
  const name = nativeFloors[floor];
  const isLua = luaPublic.includes(header) || luaInternal.test(header);
  if (isLua) return name === 'lua' ? undefined : `includes ${header}, which only native/lua may`;
  if (nodeHeader.test(header)) return name === 'node' ? undefined : `includes ${header}, which only native/node may`;
  const target = nativeFloors.indexOf(header.split('/')[0] ?? '');
  if (target > floor) return `native/${name} includes ${header} of a higher floor`;
  if (target < 0 && quoted) return `includes "${header}": write the path from native/, as in "sched/worker.h"`;
  return undefined;
}

function libFloorOf(path: string): number {
  const parts = path.split('/');
  return libFloors.indexOf(parts.length === 2 ? 'door' : (parts[1] ?? ''));
}

function checkLib(path: string, text: string): readonly string[] {
  const floor = libFloorOf(path);
  if (floor < 0) return [`${path}: not on a floor (${libFloors.join(', ')})`];
  if (!/\.[cm]?ts$/.test(path)) return [];
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const specifier of importsOf(line)) {
      const complaint = complainAboutImport(posix.join(posix.dirname(path), specifier), floor);
      if (complaint) found.push(`${path}:${index + 1}: ${complaint}`);
    }
  }
  return found;
}

const namedForms = /\b(?:import|export)\s+(?:type\s+)?(?:\{([^}]*)\}|[^'{};]*)\s*from\s*'(\.[^']+)'/g;

/** The names that each file of the public door gives to users: `lib/index.ts` and the other entries export them. */
function publicNames(files: Files): ReadonlyMap<string, ReadonlySet<string>> {
  const exported = new Map<string, Set<string>>();
  for (const entry of ['lib/index.ts', 'lib/testing.ts']) {
    for (const [, names = '', from = ''] of (files.get(entry) ?? '').matchAll(namedForms)) {
      const target = posix.join('lib', from);
      exported.set(target, new Set([...(exported.get(target) ?? []), ...namesIn(names)]));
    }
  }
  return exported;
}

function namesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^type\s+/, ''))
    .map((name) => name.replace(/\s+as\s.*/, ''))
    .filter(Boolean);
}

/** What is above the public door takes only what the package gives to everybody. */
function checkPrivateDoors(path: string, text: string, exported: ReadonlyMap<string, ReadonlySet<string>>) {
  if (!path.endsWith('.ts') || libFloorOf(path) <= libFloors.indexOf('door')) return [];
  const found: string[] = [];
  for (const [, names, from = ''] of text.matchAll(namedForms)) {
    const target = posix.join(posix.dirname(path), from);
    if (!target.startsWith('lib/') || libFloors[libFloorOf(target)] !== 'door') continue;
    const known = exported.get(target);
    for (const name of names === undefined ? ['*'] : namesIn(names)) {
      if (!known?.has(name)) found.push(`${path}: imports ${name} of ${target}, which the package does not export`);
    }
  }
  return found;
}

function importsOf(line: string): readonly string[] {
  const code = line.replace(/^\s*(?:\*|\/\/|\/\*).*/, '');
  const forms = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"]+|\.{1,2})['"]/g);
  return [...forms].map(([, specifier = '']) => specifier);
}

function complainAboutImport(target: string, floor: number): string | undefined {
  const name = libFloors[floor];
  if (!target.startsWith('lib/')) return `imports ${target}, which is outside lib/`;
  const targetFloor = libFloorOf(target);
  if (targetFloor < 0) return `imports ${target}, which is on no floor`;
  if (targetFloor > floor) return `${name} imports ${target} of a higher floor`;
  const behindDoor = libFloors[targetFloor] === 'native' && floor > libFloors.indexOf('door');
  return behindDoor ? `${name} imports ${target}, which only the public door may` : undefined;
}

/** Files that must never be committed: binaries, archives and Lua's own source. */
export function findForeignFiles(paths: readonly string[]): readonly string[] {
  return paths.filter(
    (path) =>
      /\.(?:node|so|a|o|gz|tgz|xz|zip)$/.test(path) ||
      /(?:^|\/)(?:node_modules|dist|prebuilds)\//.test(path) ||
      /^(?:build\/|deps\/lua\/(?:src|lua-))/.test(path),
  );
}
