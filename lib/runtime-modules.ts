import {SlothError} from './errors.js';
import type {HostFunction} from './host-function.js';
import type {HostTool, LuaModule} from './lua-module.js';
import {describeModule} from './module-description.js';
import type {NativeRuntime} from './native/binding.js';
import type {PackedValues} from './pack-values.js';
import type {Sendable} from './sendable.js';

/** What modules are added to. */
export interface ModulePlace {
  readonly native: Pick<NativeRuntime, 'addModule'>;
  /** Numbers a function of a module. */
  hold(fn: HostFunction): number;
  pack(fields: Readonly<Record<string, Sendable>>, name: string): PackedValues;
}

/** The modules of one runtime. */
export class RuntimeModules {
  readonly #modules: readonly LuaModule[];

  /** @throws SlothError `E_VALUE` for a module that is none. */
  constructor(modules: readonly LuaModule[], {native, hold, pack}: ModulePlace) {
    this.#modules = modules;
    for (const module of modules) {
      native.addModule(describeModule(module, {hold, pack: (fields) => pack(fields, module.name)}));
    }
  }

  /** Gives a tool to the module that takes tools. */
  async defineTool(name: string, schema: Sendable, run: HostTool): Promise<void> {
    const taker = this.#modules.find((module) => module.defineTool);
    if (taker?.defineTool) return taker.defineTool(name, schema, run);
    throw new SlothError('E_VALUE', 'no module takes tools: give the runtime the module `tools` of standardModules()');
  }

  /** Lets go of what the modules hold. */
  async close(): Promise<void> {
    await Promise.all(this.#modules.map((module) => module.close?.()));
  }
}
