import {spawn, spawnSync} from 'node:child_process';
import {dirname, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The repository's root, or the package's where it is installed. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Runs a command in the root, shows its output as it comes unless it is `silent`, and answers with its exit code and what it wrote.
 * @param {string} command
 * @param {readonly string[]} words
 * @param {{env?: Record<string, string>, timeoutMs?: number, silent?: boolean}} options
 * @returns {Promise<{status: number, output: string}>}
 */
export function run(command, words, {env = {}, timeoutMs = 0, silent = false} = {}) {
  return new Promise((settle) => {
    const child = spawn(command, words, {
      cwd: root,
      env: {...process.env, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGABRT',
    });
    let output = '';
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.on('data', (chunk) => {
        output += chunk;
        if (!silent) to.write(chunk);
      });
    }
    child.on('error', (error) => settle({status: 127, output: `${command}: ${error.message}`}));
    child.on('close', (code, signal) => {
      if (signal) console.error(`${command} was ended by ${signal}`);
      settle({status: code ?? 128, output});
    });
  });
}

/** As `run`, but says nothing unless the command fails, and then throws. */
export function quietly(command, words, {env = {}, cwd = root} = {}) {
  const result = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    env: {...process.env, ...env},
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return result.stdout;
  const said = result.error?.message ?? `${result.stdout}${result.stderr}`;
  throw new Error(`${command} ${words.join(' ')} failed\n${said}`);
}

/** Runs `main` when the module at `url` is the program, and turns what it throws into a message and exit code 1. */
export async function whenProgram(url, main) {
  if (!process.argv[1] || resolve(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
