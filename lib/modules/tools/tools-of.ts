import type {ModuleServices} from '../services.js';
import {ToolRegistry} from './tool-registry.js';

/** The tools of the runtime that these services belong to. */
export function toolsOf(services: Pick<ModuleServices, 'shared'>): ToolRegistry {
  return services.shared('tools', () => new ToolRegistry());
}
