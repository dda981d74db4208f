import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const program = fileURLToPath(new URL('../stress/worker-threads.mjs', import.meta.url));

// Its long form, 100 rounds, is one of the programs of `npm run stress`.
test('eight worker threads that are terminated at random moments crash nothing and leave nothing', async () => {
  const scale = Number(process.env['SLOTH_STRESS_SCALE'] ?? 1);
  const rounds = Math.max(2, Math.round(6 * scale));
  const seed = Date.now() % 1_000_000;
  const words = ['--expose-gc', program, JSON.stringify({rounds, threads: 8, seed})];
  const {stdout, stderr} = await promisify(execFile)(process.execPath, words, {timeout: 240_000});
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({rounds, seed});
}, 300_000);
