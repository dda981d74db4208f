import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import bindings from 'bindings';
import {SlothError} from '../util/sloth-error.js';

const addonName = 'sloth_runner';

/** The addon could not be loaded; the message names every file that was tried and the cure. */
export class NativeLoadError extends SlothError {
  constructor(message: string) {
    super('E_NATIVE_LOAD', message);
  }

  static {
    NativeLoadError.prototype.name = 'NativeLoadError';
  }
}

/** One file that was tried. */
export interface Attempt {
  readonly path: string;
  /** Why it does not load; missing when it does. */
  readonly reason?: string;
}

/**
 * Loads the compiled addon: the file `SLOTH_RUNNER_BINARY` names, else a prebuilt binary of this package for this
 * platform, else one that was built here.
 *
 * @throws NativeLoadError `E_NATIVE_LOAD` when no file fits this platform.
 */
export function loadNative(): unknown {
  const {addon, attempts} = tryNative();
  if (addon === undefined) throw new NativeLoadError(explain(attempts));
  return addon;
}

/** Tries the files in their order until one loads, which is the last of the attempts. */
export function tryNative(): {readonly addon: unknown; readonly attempts: readonly Attempt[]} {
  const told = process.env['SLOTH_RUNNER_BINARY'];
  const root = findPackageRoot();
  const load = createRequire(import.meta.url);
  const attempts: Attempt[] = [];
  for (const path of told ? [told] : [...findPrebuilds(root), findLocalBuild(root)]) {
    try {
      const addon: unknown = load(path);
      return {addon, attempts: [...attempts, {path}]};
    } catch (error) {
      attempts.push({path, reason: firstLine(error)});
    }
  }
  return {addon: undefined, attempts};
}

// `bindings` knows the folders compilers put their output into; asked for the path only, it adds nothing to the exports.
function findLocalBuild(root: string): string {
  try {
    return bindings({bindings: addonName, module_root: root, path: true});
  } catch {
    return join(root, 'build', 'Release', `${addonName}.node`);
  }
}

function findPackageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && /"name":\s*"sloth-runner"/.test(readFileSync(manifest, 'utf8'))) return folder;
    if (folder === dirname(folder)) return dirname(start);
  }
}

/**
 * Prebuilt binaries of `prebuilds/<platform>-<arch>/` that fit this process, most specific first. Their names carry
 * tags as prebuildify writes them: `sloth-runner.napi.glibc.node`.
 */
export function findPrebuilds(root: string, libc: string = currentLibc()): readonly string[] {
  const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  if (!existsSync(folder)) return [];
  const fitting = new Set(['napi', libc]);
  const tagsOf = (name: string) => name.split('.').slice(1, -1);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.node') && tagsOf(name).every((tag) => fitting.has(tag)))
    .sort((a, b) => tagsOf(b).length - tagsOf(a).length)
    .map((name) => join(folder, name));
}

/** The C library this process runs on: `musl` or `glibc`. */
export function currentLibc(): string {
  return process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}

function explain(attempts: readonly Attempt[]): string {
  const tried = attempts.map(({path, reason}) => `  ${path}: ${reason}`).join('\n');
  return (
    `sloth-runner has no native binary that loads here (${process.platform}-${process.arch}, ${currentLibc()}, ` +
    `Node ${process.versions.node}). Tried:\n${tried}\n` +
    'Cure: run `npx sloth-runner build-native`, which compiles one (it needs a C++20 compiler, make and Python 3); ' +
    'in a checkout of the repository run `npm run build:native`.'
  );
}
