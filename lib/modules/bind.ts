import type {HostFunction} from '../host-function.js';
import type {LuaModule} from '../lua-module.js';
import type {Implementations, ModuleDeclaration} from './declaration.js';
import type {ServicesOfRuntime} from './services.js';

/** Makes a declared module one of a runtime. Its code is imported when a function of the host is first called. */
export function bindModule(declaration: ModuleDeclaration, services: ServicesOfRuntime): LuaModule {
  const {name, functions, methods, call, constants, lua, internals = [], defineTool} = declaration;
  const code = new LazyCode(declaration, services);
  return {
    name,
    functions: functions.map(({inLua, ...facts}) => (inLua ? facts : {...facts, run: code.function(facts.name)})),
    methods,
    call,
    constants,
    lua,
    ...(defineTool && {defineTool: (...tool) => defineTool(services, ...tool)}),
    host: Object.fromEntries(internals.map((internal) => [internal, code.function(internal)])),
  };
}

class LazyCode {
  readonly #declaration: ModuleDeclaration;
  readonly #services: ServicesOfRuntime;
  #loading: Promise<Implementations> | undefined;
  #loaded: Implementations | undefined;

  constructor(declaration: ModuleDeclaration, services: ServicesOfRuntime) {
    this.#declaration = declaration;
    this.#services = services;
  }

  function(name: string): HostFunction {
    const code = this;
    return function (...args) {
      if (code.#loaded) return code.#find(code.#loaded, name).apply(this, args);
      return code.#load().then((loaded) => code.#find(loaded, name).apply(this, args));
    };
  }

  #load(): Promise<Implementations> {
    this.#loading ??= this.#import();
    return this.#loading;
  }

  async #import(): Promise<Implementations> {
    const code = await this.#declaration.load?.();
    if (!code) throw new Error(`module ${this.#declaration.name} has no code of the host`);
    this.#loaded = code.create(this.#services);
    return this.#loaded;
  }

  #find(loaded: Implementations, name: string): HostFunction {
    const found = loaded[name];
    if (!found) throw new Error(`module ${this.#declaration.name} has no code for ${name}`);
    return found;
  }
}
