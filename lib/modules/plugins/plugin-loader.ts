import {readFile} from 'node:fs/promises';
import {isAbsolute, relative, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {HostFunction} from '../../host-function.js';
import type {LoadedPlugin, PluginSource} from '../../task/execution/task-host.js';
import {textOf} from '../../util/text-of.js';
import {Permissions} from '../permissions.js';
import type {RunnerConfig} from '../services.js';
import type {PluginCode} from './define-plugin.js';
import type {FoundPlugin} from './manifest.js';

/** What plugins are loaded with. */
export interface PluginLoaderOptions {
  /** What the run may do. Default: nothing outside of Lua. */
  readonly permissions?: Permissions | undefined;
  /** What `runner_config` says. Default: nothing. */
  readonly config?: (() => RunnerConfig) | undefined;
}

/**
 * Loads the plugins of a task file. Each gets what its manifest declares, and of that what the run allows.
 *
 * @example
 * ```ts
 * const plugins = new PluginLoader({permissions: new Permissions({net: ['hooks.example.org']})});
 * const workflows = await loadWorkflows('deploy.sloth', {plugins});
 * ```
 */
export class PluginLoader implements PluginSource {
  readonly #permissions: Permissions;
  readonly #config: () => RunnerConfig;
  readonly #releases: (() => void | Promise<void>)[] = [];

  constructor({permissions = new Permissions(), config = () => ({})}: PluginLoaderOptions = {}) {
    this.#permissions = permissions;
    this.#config = config;
  }

  /** @throws Error that says what is wrong with it. */
  async load(name: string, searchPaths: readonly string[]): Promise<LoadedPlugin> {
    if (!/^[a-z\d][\w-]*$/i.test(name)) throw new Error(`'${name}' is no name of a plugin`);
    // Programs without plugins load none of what reads manifests.
    const {findPlugin} = await import('./manifest.js');
    const found = await findPlugin(name, searchPaths);
    const {main, methods} = found.manifest;
    const functions = main === undefined ? {} : await this.#functionsOf(name, found, main);
    if (methods === undefined) return {functions, methods: undefined};
    const file = insideOf(name, found.folder, methods);
    try {
      return {functions, methods: {file, source: await readFile(file, 'utf8')}};
    } catch (error) {
      throw new Error(`plugin '${name}': its methods cannot be read: ${textOf(error)}`);
    }
  }

  /** Lets go of what the plugins hold. */
  async close(): Promise<void> {
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) await release();
  }

  async #functionsOf(
    name: string,
    {folder, manifest}: FoundPlugin,
    main: string,
  ): Promise<Readonly<Record<string, HostFunction>>> {
    const file = insideOf(name, folder, main);
    let code: unknown;
    try {
      code = ((await import(pathToFileURL(file).href)) as {readonly plugin?: unknown}).plugin;
    } catch (error) {
      throw new Error(`plugin '${name}': ${file} cannot be loaded: ${textOf(error)}`);
    }
    if (typeof code !== 'function')
      throw new Error(`plugin '${name}': ${file} exports no 'plugin' made by definePlugin`);
    const permissions = this.#permissions.limitedTo(manifest.capabilities ?? {}, `plugin '${name}'`);
    const onClose = (release: () => void | Promise<void>): void => void this.#releases.push(release);
    const functions: unknown = (code as PluginCode)({permissions, config: this.#config, onClose});
    return checkedFunctions(name, functions);
  }
}

function checkedFunctions(name: string, functions: unknown): Readonly<Record<string, HostFunction>> {
  if (typeof functions !== 'object' || functions === null || Array.isArray(functions))
    throw new Error(`plugin '${name}': its code must answer an object of functions`);
  for (const [key, value] of Object.entries(functions)) {
    if (typeof value !== 'function') throw new Error(`plugin '${name}': '${key}' is not a function`);
  }
  return functions as Readonly<Record<string, HostFunction>>;
}

function insideOf(name: string, folder: string, path: string): string {
  const file = resolve(folder, path);
  const way = relative(folder, file);
  if (isAbsolute(path) || way.startsWith('..')) {
    throw new Error(`plugin '${name}': '${path}' leads out of ${resolve(folder)}`);
  }
  return file;
}
