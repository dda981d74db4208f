import {realpath} from 'node:fs/promises';
import {basename, dirname, join, resolve, sep} from 'node:path';

/** `true`: everything of that kind; a list: what it names; `false` or missing: nothing. */
export type Grant = boolean | readonly string[];

/** What modules may do outside Lua. */
export interface PermissionOptions {
  /** Programs that may be started, by name or path. A command line for the shell needs the shell: `sh`. */
  readonly exec?: Grant | undefined;
  /** Directories and files that may be read, with what is below them. */
  readonly read?: Grant | undefined;
  /** Directories and files that may be written, with what is below them. */
  readonly write?: Grant | undefined;
  /** Hosts that may be talked to: `example.org`, `example.org:8080`, `*.example.org`. */
  readonly net?: Grant | undefined;
  /** Environment variables that may be read. */
  readonly env?: Grant | undefined;
}

/** One kind of what a permission allows. */
export type PermissionKind = keyof PermissionOptions;

/** The kinds, in the order in which they are told. */
export const permissionKinds: readonly PermissionKind[] = ['exec', 'read', 'write', 'net', 'env'];

/**
 * What the modules of one runtime may do. Nothing, unless it is given; what was taken away by {@link Permissions.narrow} does not
 * come back.
 *
 * @example
 * ```ts
 * const permissions = new Permissions({exec: ['git'], read: ['.']});
 * const runtime = new Runtime({modules: standardModules({permissions})});
 * ```
 */
export class Permissions {
  readonly #layers: PermissionOptions[];
  #onlyDescribes = false;
  #declared: {readonly by: string; readonly within: Permissions} | undefined;

  /** @throws TypeError for a kind there is not, or a grant that is neither a boolean nor a list of strings. */
  constructor(options: PermissionOptions = {}) {
    this.#layers = [checked(options)];
  }

  /** Everything. */
  static all(): Permissions {
    return new Permissions({exec: true, read: true, write: true, net: true, env: true});
  }

  /** For a file that is only read, to be checked or planned: it may look at files and the environment, and has no effects. */
  static describing(): Permissions {
    const permissions = new Permissions({read: true, env: true});
    permissions.#onlyDescribes = true;
    return permissions;
  }

  /** Whether nothing may have effects, those included that need no permission. */
  get onlyDescribes(): boolean {
    return this.#onlyDescribes || (this.#declared?.within.onlyDescribes ?? false);
  }

  /** What of these permissions somebody may use who declares what it needs; what is taken away later is taken from it, too. */
  limitedTo(declared: PermissionOptions, declaredBy: string): Permissions {
    const limited = new Permissions(declared);
    limited.#declared = {by: declaredBy, within: this};
    return limited;
  }

  /** From now on only what is granted here, too; kinds that are missing stay as they are. */
  narrow(options: PermissionOptions): void {
    const given = checked(options);
    const unchanged = Object.fromEntries(permissionKinds.map((kind) => [kind, true]));
    this.#layers.push({...unchanged, ...given});
  }

  /** Whether everything of a kind is allowed. */
  allowsAll(kind: PermissionKind): boolean {
    const own = this.#layers.every((layer) => layer[kind] === true);
    return own && (this.#declared?.within.allowsAll(kind) ?? true);
  }

  /** @throws Error when the program may not be started; it names the flag that would allow it. */
  checkExec(program: string): void {
    this.#declared?.within.checkExec(program);
    const name = basename(program);
    this.#check(
      'exec',
      `starting ${program}`,
      name,
      (listed) => listed === program || (listed === name && name === program),
    );
  }

  /** @throws Error when the variable may not be read. */
  checkEnv(name: string): void {
    this.#declared?.within.checkEnv(name);
    this.#check('env', `reading the environment variable ${name}`, name, (listed) => listed === name);
  }

  /** Whether the variable may be read. */
  allowsEnv(name: string): boolean {
    const own = this.#layers.every(({env}) => env === true || listOf(env).includes(name));
    return own && (this.#declared?.within.allowsEnv(name) ?? true);
  }

  /** @throws Error when the host may not be talked to. `port` is that of the URL, given or implied. */
  checkNet(host: string, port: number | string): void {
    this.#declared?.within.checkNet(host, port);
    const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
    this.#check('net', `talking to ${host}:${port}`, host, (listed) =>
      allowsHost(listed.toLowerCase(), bare, String(port)),
    );
  }

  /**
   * Resolves a path of the program, following links, so that none leads out of what is allowed.
   *
   * @returns the absolute path to use.
   * @throws Error when it may not be read or written.
   */
  async checkPath(kind: 'read' | 'write', path: string): Promise<string> {
    if (path.includes('\0')) throw new Error('a path cannot contain a zero byte');
    await this.#declared?.within.checkPath(kind, path);
    const absolute = resolve(path);
    if (this.allowsAll(kind)) return absolute;
    const real = await realPath(absolute);
    const verb = kind === 'read' ? 'reading' : 'writing';
    const allowed = new Set<string>();
    for (const layer of this.#layers) {
      for (const listed of listOf(layer[kind])) {
        if (isWithin(real, await realPath(resolve(listed)))) allowed.add(listed);
      }
    }
    this.#check(kind, `${verb} ${path}`, dirname(absolute), (listed) => allowed.has(listed));
    return real;
  }

  #check(kind: PermissionKind, what: string, wanted: string, allows: (listed: string) => boolean): void {
    for (const layer of this.#layers) {
      const grant = layer[kind];
      if (grant === true || listOf(grant).some(allows)) continue;
      if (this.#declared) {
        const {by} = this.#declared;
        throw new Error(
          `${by}: ${what} needs the capability '${kind}' in its manifest, or '${wanted}' in the list there`,
        );
      }
      if (this.#onlyDescribes) refuseEffect(what);
      throw new Error(`${what} is not allowed: it needs --allow-${kind} or --allow-${kind}=${wanted}`);
    }
  }
}

/** @throws Error that says why an effect is refused. */
export function refuseEffect(what: string): never {
  throw new Error(`${what} is an effect, and a file that is checked or planned has none; put it into a task`);
}

function listOf(grant: Grant | undefined): readonly string[] {
  return typeof grant === 'object' ? grant : [];
}

function checked(options: PermissionOptions): PermissionOptions {
  for (const [kind, grant] of Object.entries(options)) {
    if (!permissionKinds.includes(kind as PermissionKind)) {
      throw new TypeError(`there is no permission '${kind}'; there are ${permissionKinds.join(', ')}`);
    }
    const fits = grant === undefined || typeof grant === 'boolean' || isListOfTexts(grant);
    if (!fits) throw new TypeError(`permissions.${kind} must be true, false or a list of strings`);
  }
  return options;
}

function isListOfTexts(grant: unknown): boolean {
  return Array.isArray(grant) && grant.every((item) => typeof item === 'string' && item !== '');
}

function allowsHost(listed: string, host: string, port: string): boolean {
  const [, name = '', listedPort] = /^(.*?)(?::(\d+))?$/.exec(listed.replace(/^\[|\](?=:|$)/g, '')) ?? [];
  if (listedPort !== undefined && listedPort !== port && listed !== host) return false;
  if (listed === host) return true;
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host;
}

/** The path without links, also where its end does not exist yet. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
