import {luaVersion} from './lua-version.js';
import {type Attempt, currentLibc, tryNative} from './native/load.js';

/** What this library runs on, and which native binary it loads. */
export interface Diagnosis {
  /** As Node names them: `linux-x64`. */
  readonly platform: string;
  /** `glibc` or `musl`. */
  readonly libc: string;
  readonly node: string;
  /** The version of Node-API that this Node has. */
  readonly nodeApi: number;
  /** The version of Lua inside, or `undefined` when nothing loads. */
  readonly lua: string | undefined;
  /** The files that were tried, in order; the last one loads when it has no `reason`. */
  readonly attempts: readonly Attempt[];
}

/** Tells what loading the native part finds here. Never throws. */
export function diagnose(): Diagnosis {
  const {addon, attempts} = tryNative();
  return {
    platform: `${process.platform}-${process.arch}`,
    libc: currentLibc(),
    node: process.versions.node,
    nodeApi: Number(process.versions['napi']),
    lua: addon === undefined ? undefined : luaVersion(),
    attempts,
  };
}
