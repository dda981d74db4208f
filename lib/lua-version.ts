import {nativeBinding} from './native/binding.js';

/** The version of Lua inside, such as `Lua 5.4.7`. */
export function luaVersion(): string {
  // The addon gives Lua's whole identification: version, copyright, authors.
  return /Lua \d+\.\d+\.\d+/.exec(nativeBinding().luaVersion)?.[0] ?? 'Lua';
}
