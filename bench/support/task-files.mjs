// Task files that are made for a measurement, and the command line run on them in a folder of their own.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** So many tasks whose bodies do nothing; each but the first ten depends on two of those before it. */
export function idleTasks(count) {
  const lines = Array.from({length: count}, (_, index) => {
    const needs = index < 10 ? '' : `:depends_on{"t${index - 10}", "t${index - 7}"}`;
    return `task("t${index}"):command(function(this, params) return true end)${needs}\n`;
  });
  return lines.join('');
}

/** So many tasks that compute for a while and whose results are kept. */
export function busyTasks(count, rounds) {
  const body = `function(this, params) local x = 0 for i = 1, ${rounds} do x = (x + i) % 7 end return true, nil, x end`;
  const lines = Array.from({length: count}, (_, i) => `task("t${i}"):inputs{"input"}:cache(true):command(${body})\n`);
  return lines.join('');
}

/** Does `work` in a new folder with these files; `run(...words)` there runs the command and answers how long it took, in ms. */
export function inFolder(files, work) {
  const folder = mkdtempSync(join(tmpdir(), 'sloth-bench-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return work((...words) => {
      const startedAt = performance.now();
      const options = {cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26};
      const {status, stderr} = spawnSync(process.execPath, [command, ...words], options);
      if (status !== 0) throw new Error(`sloth-runner ${words.join(' ')}: ${stderr}`);
      return performance.now() - startedAt;
    });
  } finally {
    rmSync(folder, {recursive: true});
  }
}
