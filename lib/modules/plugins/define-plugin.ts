import type {HostFunction} from '../../host-function.js';
import type {Permissions} from '../permissions.js';
import type {RunnerConfig} from '../services.js';

/** What the code of a plugin is given. */
export interface PluginServices {
  /** What it may do: what its manifest declares, as far as the run allows it. Whatever it does outside of Lua asks here first. */
  readonly permissions: Permissions;
  /** What `runner_config` says; read each time it is needed. */
  readonly config: () => RunnerConfig;
  /** Called when the run is over. */
  onClose(release: () => void | Promise<void>): void;
}

/** The code of a plugin: its functions by name, for one run. */
export type PluginCode = (services: PluginServices) => Readonly<Record<string, HostFunction>>;

/**
 * Defines the host part of a plugin: what its `main` exports as `plugin`.
 *
 * @example
 * ```ts
 * export const plugin = definePlugin(({permissions}) => ({
 *   async size(path) {
 *     return (await stat(await permissions.checkPath('read', String(path)))).size;
 *   },
 * }));
 * ```
 */
export function definePlugin(code: PluginCode): PluginCode {
  return code;
}
