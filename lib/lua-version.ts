import {nativeBinding} from './native/binding.js';

/** The version of Lua inside, such as `Lua 5.4.7`. */
export function luaVersion(): string {
  return nativeBinding().luaVersion;
}
