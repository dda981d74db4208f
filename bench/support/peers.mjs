// What our figures are compared with. A peer that this machine cannot build is named, with the reason, and skipped.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {obtainLua} from '../../deps/lua/recipe.mjs';
import {quietly, root} from '../../scripts/support/run.mjs';

const folder = join(root, 'build', 'bench');

/** Builds every peer that can be: name -> {path} or {skipped: why}. */
export async function findPeers() {
  mkdirSync(folder, {recursive: true});
  return {lua: await buildLua(), go: buildGo(), gopherLua: buildGopherLua(), luajit: findLuaJit()};
}

// The interpreter of the same release, compiled with the addon's optimisation and platform flags.
async function buildLua() {
  const {directory} = await obtainLua();
  const source = join(directory, 'src');
  const path = join(folder, 'lua');
  if (existsSync(path)) return {path};
  const files = readdirSync(source).filter((name) => name.endsWith('.c') && name !== 'luac.c');
  const compiler = process.env.CC ?? 'cc';
  const words = ['-O2', '-w', '-DLUA_USE_LINUX', '-o', path, ...files, '-Wl,-E', '-lm', '-ldl'];
  try {
    quietly(compiler, words, {cwd: source});
    return {path};
  } catch (error) {
    return {skipped: error.message.split('\n', 1)[0]};
  }
}

function buildGo() {
  return buildWithGo('go', {});
}

// Debian: golang-github-yuin-gopher-lua-dev.
function buildGopherLua() {
  const GOPATH = '/usr/share/gocode';
  const library = join(GOPATH, 'src', 'github.com', 'yuin', 'gopher-lua');
  if (!existsSync(library)) return {skipped: 'gopher-lua is not installed'};
  return buildWithGo('gopher-lua', {GOPATH});
}

function buildWithGo(name, env) {
  if (spawnSync('go', ['version']).error) return {skipped: 'go is not installed'};
  const source = fileURLToPath(new URL(`../peers/${name}/peers.go`, import.meta.url));
  const path = join(folder, `${name}-peers`);
  if (existsSync(path) && statSync(path).mtimeMs > statSync(source).mtimeMs) return {path};
  try {
    quietly('go', ['build', '-o', path, source], {env: {CGO_ENABLED: '0', GO111MODULE: 'off', ...env}});
    return {path};
  } catch (error) {
    return {skipped: error.message.split('\n').slice(0, 2).join(': ')};
  }
}

function findLuaJit() {
  return spawnSync('luajit', ['-v']).error ? {skipped: 'luajit is not installed'} : {path: 'luajit'};
}

/** Runs a peer and reads the one number it prints. */
export function measurePeer({path}, words, options = {}) {
  if (!path) return undefined;
  return Number(quietly(path, words, options).trim());
}
