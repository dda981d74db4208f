import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const largeCsv = fileURLToPath(new URL('./large-csv.mjs', import.meta.url));

// An addon under a sanitizer takes memory for its own notes.
const {SLOTH_RUNNER_BINARY: other} = process.env;

test.runIf(other === undefined)(
  'a CSV file goes through data.batches in less than 200 MiB',
  async () => {
    const {stdout} = await promisify(execFile)(process.execPath, [largeCsv, '16', '2']);
    expect(stdout).toMatch(/^\d+ records of 16 MiB, at most \d+ MiB of memory\n$/);
  },
  60_000,
);
