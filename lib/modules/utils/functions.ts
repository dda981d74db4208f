import type {Sendable} from '../../sendable.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';

export function create({env, config, permissions, secrets}: ModuleServices): Implementations {
  const inEnvironment = (name: string): string | undefined => {
    if (!permissions.allowsEnv(name)) return undefined;
    return Object.hasOwn(env, name) ? env[name] : undefined;
  };
  return {
    env(name, otherwise) {
      const text = asText(name);
      permissions.checkEnv(text);
      return (Object.hasOwn(env, text) ? env[text] : undefined) ?? otherwise;
    },
    secret(name) {
      const text = asText(name);
      const secret = inEnvironment(text) ?? secrets.find(text);
      if (secret === undefined) {
        // Where the environment may not be read, the reason is that.
        permissions.checkEnv(text);
        throw new Error(`there is no secret '${text}': neither an environment variable nor a name in a --secrets file`);
      }
      secrets.given(secret, text);
      return secret;
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
