import {SlothError} from '../errors.js';
import type {LuaModule} from '../lua-module.js';
import {didYouMean} from '../util/did-you-mean.js';
import {bindModule} from './bind.js';
import {declarations} from './declarations.js';
import {Permissions} from './permissions.js';
import {type ModuleSettings, ServicesOfRuntime} from './services.js';

/** Which modules a runtime gets, and what they may do. */
export interface StandardModuleOptions extends ModuleSettings {
  /** What they may do. Default: nothing outside Lua. */
  readonly permissions?: Permissions | undefined;
  /** The modules, by name. Default: all. */
  readonly only?: readonly string[] | undefined;
}

/**
 * The modules of the product for one runtime. They share breakers, limits, counters and stores, so each runtime needs a call of its
 * own.
 *
 * @example
 * ```ts
 * const modules = standardModules({permissions: new Permissions({exec: ['git']})});
 * const runtime = new Runtime({modules});
 * const [branch] = await runtime.run('return exec.run({"git", "branch", "--show-current"}).stdout');
 * ```
 *
 * @throws SlothError `E_VALUE` for a name in `only` that is no module.
 */
export function standardModules(options: StandardModuleOptions = {}): readonly LuaModule[] {
  const {permissions = new Permissions(), only, ...settings} = options;
  const wanted = only === undefined ? declarations : only.map(named);
  const services = new ServicesOfRuntime(permissions, settings);
  const modules = wanted.map((declaration) => bindModule(declaration, services));
  const [first, ...others] = modules;
  return first ? [{...first, close: () => services.close()}, ...others] : [];
}

function named(name: string): (typeof declarations)[number] {
  const found = declarations.find((declaration) => declaration.name === name);
  if (found) return found;
  const meant = didYouMean(
    name,
    declarations.map((declaration) => declaration.name),
  );
  throw new SlothError(
    'E_VALUE',
    `there is no module '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
  );
}
