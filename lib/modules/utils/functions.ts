import type {Sendable} from '../../sendable.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';

export function create({env, config, permissions}: ModuleServices): Implementations {
  return {
    env(name, otherwise) {
      const text = asText(name);
      permissions.checkEnv(text);
      return (Object.hasOwn(env, text) ? env[text] : undefined) ?? otherwise;
    },
    config(path, otherwise) {
      let value: unknown = config();
      for (const name of asText(path).split('.')) {
        value = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      }
      return value === undefined ? otherwise : (value as Sendable);
    },
  };
}
