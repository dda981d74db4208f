export type {Workdir} from '../task/execution/task-host.js';
export {EventHub, type HubEvent, type Subscription} from './event/event-hub.js';
export {tellRunEvents} from './event/run-events.js';
export {moduleReference} from './module-reference.js';
export {type Grant, type PermissionKind, type PermissionOptions, Permissions, permissionKinds} from './permissions.js';
export {definePlugin, type PluginCode, type PluginServices} from './plugins/define-plugin.js';
export {PluginLoader, type PluginLoaderOptions} from './plugins/plugin-loader.js';
export type {ModuleSettings, RunnerConfig, SecretSource} from './services.js';
export {type StandardModuleOptions, standardModules} from './standard-modules.js';
