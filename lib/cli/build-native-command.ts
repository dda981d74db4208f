import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {packageInfo} from '../util/package-info.js';
import {exitCode} from './exit-code.js';

/** Compiles the native part of this installation; resolves to the exit code. */
export function buildNativeCommand(): Promise<number> {
  const script = join(packageInfo().root, 'scripts', 'build-native.mjs');
  const child = spawn(process.execPath, [script], {stdio: 'inherit'});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? exitCode.luaError));
  });
}
