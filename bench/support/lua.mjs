import {readFile} from 'node:fs/promises';
import {Runtime} from '../../dist/index.js';

/** Every row runs on as many workers, whatever the machine has, so that figures can be compared. */
export const workers = 2;

/** Runs a program of bench/lua on a runtime of its own and answers with what it returned. */
export async function runLua(name, ...args) {
  const url = new URL(`../lua/${name}.lua`, import.meta.url);
  const runtime = new Runtime({workers});
  try {
    return await runtime.run(await readFile(url, 'utf8'), {chunkName: `=${name}`, args});
  } finally {
    await runtime.close();
  }
}
