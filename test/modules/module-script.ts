import type {LuaModule} from '../../lib/lua-module.js';
import {Permissions} from '../../lib/modules/permissions.js';
import type {ModuleSettings} from '../../lib/modules/services.js';
import {standardModules} from '../../lib/modules/standard-modules.js';
import type {Sendable} from '../../lib/sendable.js';
import {type Ended, errorOf, runScript, type ScriptOptions, valuesOf} from '../lua/script.js';

/** How a script of a test is run: with every module, allowed everything, unless it says otherwise. */
export interface ModuleScriptOptions extends ScriptOptions, ModuleSettings {
  readonly permissions?: Permissions;
  /** Changes what the runtime gets. */
  readonly modules?: (made: readonly LuaModule[]) => readonly LuaModule[];
}

function withModules(options: ModuleScriptOptions): ScriptOptions {
  const {permissions = Permissions.all(), config, env, events, stateFile = ':memory:', ...others} = options;
  const {stateBackend, stack, workdirOf, secrets, modules: change = (made) => made, ...rest} = others;
  const made = standardModules({
    permissions,
    config,
    env,
    events,
    stateFile,
    stateBackend,
    stack,
    workdirOf,
    secrets,
  });
  return {...rest, runtime: {modules: change(made), ...rest.runtime}};
}

/** Runs a script with the modules, as {@link runScript}. */
export function runWithModules(source: string, options: ModuleScriptOptions = {}): Promise<Ended> {
  return runScript(source, withModules(options));
}

/** What a script with the modules returns, as {@link valuesOf}. */
export function valuesWithModules(source: string, options: ModuleScriptOptions = {}): Promise<readonly Sendable[]> {
  return valuesOf(source, withModules(options));
}

/** What a script with the modules fails with, as {@link errorOf}. */
export function errorWithModules(source: string, options: ModuleScriptOptions = {}): Promise<string> {
  return errorOf(source, withModules(options));
}

/** The first results of a hundred goroutines, each on its own island, that run the body at once; `i` is its number. */
export function hundredTimes(body: string): string {
  return `
    local handles = {}
    for i = 1, 100 do handles[i] = goroutine.parallel(function(i) ${body} end, i) end
    local results = {}
    for i, result in ipairs(goroutine.await_all(handles)) do
      if not result.success then error(result.error, 0) end
      results[i] = result.value
    end
    return results`;
}
