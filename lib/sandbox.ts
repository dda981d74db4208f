import {SlothError} from './errors.js';
import {didYouMean} from './util/did-you-mean.js';

/**
 * Which libraries scripts get.
 *
 * - `full`: all of them.
 * - `safe`: nothing that reaches files, processes, the environment or bytecode: no `io`, `debug` and `package`, no `dofile`,
 *   `loadfile` and `string.dump`, and of `os` only `clock`, `date`, `difftime`, `exit` and `time`. `require` finds the
 *   host's modules, {@link RuntimeOptions.modulePaths} and {@link RuntimeOptions.resolveModule} only.
 * - a list: what it names and the basic functions. `'string'` names a library, `'os.time'` a function, `'dofile'`, `'load'`,
 *   `'loadfile'` and `'require'` the basic functions that must be named.
 */
export type Sandbox = 'full' | 'safe' | readonly string[];

/** What `safe` leaves out. */
const unsafe = [
  'io',
  'debug',
  'package',
  '_G.dofile',
  '_G.loadfile',
  'string.dump',
  ...['execute', 'getenv', 'remove', 'rename', 'setlocale', 'tmpname'].map((name) => `os.${name}`),
];

/** Basic functions that a list must name. */
const namedOnly = ['dofile', 'load', 'loadfile', 'require'];

/** A function that scripts may get: of a library, or `_G` for basic ones. */
export interface SandboxEntry {
  readonly module: string;
  readonly name: string;
}

/**
 * What the addon takes away: libraries, and functions as `library.name`.
 *
 * @param all every function there is.
 * @throws SlothError `E_VALUE` for a name that is none.
 */
export function removedBy(sandbox: Sandbox, all: () => readonly SandboxEntry[]): string[] {
  if (sandbox === 'full') return [];
  if (sandbox === 'safe') return unsafe;
  if (!Array.isArray(sandbox)) {
    throw new SlothError('E_VALUE', `sandbox must be 'full', 'safe' or a list of names, got ${String(sandbox)}`);
  }
  return removedByList(
    sandbox,
    all().filter(({module}) => !module.includes('.')),
  );
}

function removedByList(allowed: readonly string[], all: readonly SandboxEntry[]): string[] {
  const libraries = [...new Set(all.map(({module}) => module))].filter((module) => module !== '_G');
  const names = all.map(({module, name}) => (module === '_G' ? name : `${module}.${name}`));
  for (const name of allowed) {
    if (libraries.includes(name) || names.includes(name)) continue;
    const meant = didYouMean(String(name), [...libraries, ...names]);
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    throw new SlothError('E_VALUE', `sandbox names '${String(name)}', which is no library and no function${hint}`);
  }
  const removed = namedOnly.filter((name) => !allowed.includes(name)).map((name) => `_G.${name}`);
  for (const library of libraries.filter((candidate) => !allowed.includes(candidate))) {
    const functions = names.filter((name) => name.startsWith(`${library}.`));
    const kept = functions.filter((name) => allowed.includes(name));
    removed.push(...(kept.length === 0 ? [library] : functions.filter((name) => !kept.includes(name))));
  }
  return removed;
}
