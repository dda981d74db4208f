import {randomBytes} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** The secret of a cache, with which digests of what may be secret are keyed; made when there is none. */
export function storeSecret(folder: string): Uint8Array {
  const path = join(folder, 'secret');
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
    writeFileSync(path, randomBytes(32), {flag: 'wx', mode: 0o600});
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(path);
}
