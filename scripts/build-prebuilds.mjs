// Makes prebuilds/<platform>-<arch>/ for a release. One binary serves every Node version, because it speaks Node-API.
// Run it in the oldest system a release supports: a binary needs the C and C++ libraries of the machine that built it.
import {createRequire} from 'node:module';
import {obtainLua} from '../deps/lua/recipe.mjs';
import {findNodeDir} from './build-native.mjs';
import {run, whenProgram} from './support/run.mjs';

await whenProgram(import.meta.url, async () => {
  await obtainLua();
  const nodeDir = findNodeDir();
  const prebuildify = createRequire(import.meta.url).resolve('prebuildify/bin.js');
  const words = [prebuildify, '--napi', '--strip', '--tag-libc'];
  const {status} = await run(process.execPath, words, {env: nodeDir ? {npm_config_nodedir: nodeDir} : {}});
  if (status !== 0) throw new Error('prebuildify failed');
});
