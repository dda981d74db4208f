import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';

export function create({env, permissions}: ModuleServices): Implementations {
  const read = (name: string): string | undefined => {
    permissions.checkEnv(name);
    return Object.hasOwn(env, name) ? env[name] : undefined;
  };
  const mayRead = (name: string): boolean => {
    try {
      permissions.checkEnv(name);
      return true;
    } catch {
      return false;
    }
  };
  return {
    get: (name, otherwise) => read(asText(name)) ?? otherwise,
    has: (name) => read(asText(name)) !== undefined,
    all: () => Object.fromEntries(Object.entries(env).filter(([name]) => mayRead(name))),
  };
}
