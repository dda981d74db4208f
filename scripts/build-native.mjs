// Compiles the addon: Lua's source, then node-gyp. What is up to date is not compiled again.
//
//   node scripts/build-native.mjs [--debug]
//
// Works in a checkout and in an installed package. The package has neither binding.gyp nor node-gyp: the first is
// written for the time of the build, the second is fetched into a folder that is removed again.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {availableParallelism, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {quietly, root, whenProgram} from './support/run.mjs';

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

/** Runs the whole native build; throws when a step fails. */
export async function buildNative({debug = false} = {}) {
  const {source} = await obtainLua();
  console.log(`Lua: ${source}`);
  const cleanups = [];
  try {
    const require = requireWithTools(cleanups);
    provideBindingGyp(cleanups);
    const nodeDir = findNodeDir();
    const words = [
      debug ? '--debug' : '--release',
      `--jobs=${availableParallelism()}`,
      ...(nodeDir ? [`--nodedir=${nodeDir}`] : []),
      '--loglevel=warn',
    ];
    const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
    const env = {...process.env, SLOTH_NODE_ADDON_API: dirname(require.resolve('node-addon-api'))};
    for (const step of ['configure', 'build']) {
      const result = spawnSync(process.execPath, [nodeGyp, step, ...words], {cwd: root, stdio: 'inherit', env});
      if (result.status !== 0) throw new Error(`node-gyp ${step} failed`);
    }
  } finally {
    for (const cleanup of cleanups) cleanup();
  }
}

// A `require` that finds node-gyp and node-addon-api: ours in a checkout, fetched ones elsewhere.
function requireWithTools(cleanups) {
  const own = createRequire(import.meta.url);
  try {
    own.resolve('node-gyp/bin/node-gyp.js');
    own.resolve('node-addon-api');
    return own;
  } catch {
    const folder = mkdtempSync(join(tmpdir(), 'sloth-runner-build-'));
    cleanups.push(() => rmSync(folder, {recursive: true, force: true}));
    const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies;
    const packages = ['node-gyp', 'node-addon-api'].map((name) => `${name}@${wanted[name]}`);
    console.log(`Fetching ${packages.join(' and ')} for this build`);
    quietly('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', ...packages], {cwd: folder});
    return createRequire(join(folder, 'package.json'));
  }
}

function provideBindingGyp(cleanups) {
  const path = join(root, 'binding.gyp');
  if (existsSync(path)) return;
  writeFileSync(path, "{'includes': ['native/addon.gypi']}\n");
  cleanups.push(() => rmSync(path));
}

await whenProgram(import.meta.url, () => buildNative({debug: process.argv.includes('--debug')}));
