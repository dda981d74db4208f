import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** Where this package lies, and which one it is. */
export interface PackageInfo {
  readonly root: string;
  readonly version: string;
}

/** Finds the package's own manifest, from the sources and from what is built of them alike. */
export function packageInfo(): PackageInfo {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let root = start; ; root = dirname(root)) {
    const manifest = join(root, 'package.json');
    const {name, version} = existsSync(manifest) ? readManifest(manifest) : {};
    if (name === 'sloth-runner') return {root, version: version ?? 'unknown'};
    if (root === dirname(root)) return {root: start, version: 'unknown'};
  }
}

function readManifest(path: string): {readonly name?: string; readonly version?: string} {
  return JSON.parse(readFileSync(path, 'utf8'));
}
