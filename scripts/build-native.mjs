// Compiles the addon: Lua's source, then node-gyp. What is up to date is not compiled again.
//
//   node scripts/build-native.mjs [--debug]
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {availableParallelism} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {obtainLua} from '../deps/lua/recipe.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const requireHere = createRequire(import.meta.url);

/** The folder whose `include/node` holds this Node's headers: as npm was told, or beside the running binary. */
export function findNodeDir(env = process.env) {
  const told = env.npm_config_nodedir ?? askNpm();
  if (told) return told;
  const beside = dirname(dirname(process.execPath));
  const header = join(beside, 'include', 'node', 'node_version.h');
  if (!existsSync(header)) return undefined;
  const part = (word) => new RegExp(`define NODE_${word}_VERSION (\\d+)`).exec(readFileSync(header, 'utf8'))?.[1];
  return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === process.versions.node ? beside : undefined;
}

// npm 12 no longer hands unknown settings of an npmrc to scripts, so it is asked.
function askNpm() {
  const answer = spawnSync('npm', ['config', 'get', 'nodedir'], {encoding: 'utf8', cwd: root});
  const value = answer.status === 0 ? answer.stdout.trim() : '';
  return value && value !== 'undefined' && value !== 'null' ? value : undefined;
}

/** Runs the whole native build in the repository's root; throws when a step fails. */
export async function buildNative({debug = false} = {}) {
  const {source} = await obtainLua();
  console.log(`Lua: ${source}`);
  const nodeDir = findNodeDir();
  const words = [
    debug ? '--debug' : '--release',
    `--jobs=${availableParallelism()}`,
    ...(nodeDir ? [`--nodedir=${nodeDir}`] : []),
    '--loglevel=warn',
  ];
  const nodeGyp = requireHere.resolve('node-gyp/bin/node-gyp.js');
  for (const step of ['configure', 'build']) {
    const result = spawnSync(process.execPath, [nodeGyp, step, ...words], {cwd: root, stdio: 'inherit'});
    if (result.status !== 0) throw new Error(`node-gyp ${step} failed`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await buildNative({debug: process.argv.includes('--debug')});
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
