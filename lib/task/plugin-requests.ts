import {dirname, resolve} from 'node:path';
import type {Sendable} from '../sendable.js';
import type {LoadedPlugin, PluginSource} from './execution/task-host.js';
import {DefinedTable, type DefinedValue} from './reading/definition.js';

/** Answers a task file that asks for plugins, by what `runner_config` and the config file say of them. */
export class PluginRequests {
  readonly #source: PluginSource | undefined;
  readonly #config: DefinedValue | undefined;
  readonly #taskFile: string;

  constructor(source: PluginSource | undefined, config: DefinedValue | undefined, taskFile: string) {
    this.#source = source;
    this.#config = config;
    this.#taskFile = taskFile;
  }

  /** @param enabled `plugins_enabled`, and @param paths `plugin_search_paths`, as the file says them. */
  async load(name: string, enabled: Sendable, paths: Sendable): Promise<LoadedPlugin> {
    if ((enabled ?? this.#configured('plugins_enabled')) === false)
      throw new Error(`plugin '${name}' is not loaded: plugins_enabled is false`);
    const listed = paths ?? this.#configuredPaths();
    if (!Array.isArray(listed) || listed.length === 0 || !listed.every((path) => typeof path === 'string')) {
      throw new Error(
        `plugin '${name}' is not found: runner_config.plugin_search_paths must list the folders where plugins are, before it is imported`,
      );
    }
    if (!this.#source) throw new Error(`plugin '${name}' is not loaded: this program loads no plugins`);
    const folder = dirname(resolve(this.#taskFile));
    return this.#source.load(
      name,
      listed.map((path) => resolve(folder, path)),
    );
  }

  #configured(key: string): DefinedValue | undefined {
    return this.#config instanceof DefinedTable ? this.#config.map[key] : undefined;
  }

  #configuredPaths(): readonly DefinedValue[] | undefined {
    const value = this.#configured('plugin_search_paths');
    return value instanceof DefinedTable ? value.list : undefined;
  }
}
