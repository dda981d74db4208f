import type {HostFunction} from '../host-function.js';
import type {LuaFunctionFacts, LuaMethodFacts, LuaModule, LuaModuleFunction} from '../lua-module.js';
import type {Sendable} from '../sendable.js';
import type {ModuleServices} from './services.js';

/** A function as a module declares it. */
export interface FunctionDeclaration extends LuaFunctionFacts, Omit<LuaModuleFunction, 'run'> {
  /** The Lua part has it. Default: the host does. */
  readonly inLua?: boolean | undefined;
}

/** The type of an argument that limits how long a call may take. */
export const timeLimit = 'string | number | context | {timeout?: string | number, ctx?: context}';

/** The implementations of a module's functions, by name. */
export type Implementations = Readonly<Record<string, HostFunction>>;

/** What the file with a module's implementations exports. */
export interface ModuleCode {
  /** Makes them for one runtime. */
  create(services: ModuleServices): Implementations;
}

/** A module of the product: what it has, and where its code is. */
export interface ModuleDeclaration {
  readonly name: string;
  readonly functions: readonly FunctionDeclaration[];
  readonly methods?: readonly LuaMethodFacts[] | undefined;
  readonly call?: string | undefined;
  readonly constants?: Readonly<Record<string, Sendable>> | undefined;
  readonly lua?: string | undefined;
  /** Implementations that only the Lua part calls. */
  readonly internals?: readonly string[] | undefined;
  /** Takes tools of the host: {@link LuaModule.defineTool}. */
  defineTool?(services: ModuleServices, ...tool: Parameters<NonNullable<LuaModule['defineTool']>>): Promise<void>;
  /** Imports the code: once a runtime, when a function of the host is first called. Missing: all is in Lua. */
  load?(): Promise<ModuleCode>;
}
