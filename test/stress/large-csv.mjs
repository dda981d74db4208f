// Sends a CSV file of many bytes through data.batches, in a process of its own, and holds the peak of that process's memory against
// 200 MiB: `node large-csv.mjs <MiB> <workers>`. Prints how many records came, and the peak; the file is removed.
import {createWriteStream} from 'node:fs';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Runtime} from '../../dist/index.js';
import {Permissions, standardModules} from '../../dist/modules.js';

const mebibyte = 2 ** 20;
const mostMebibytes = 200;

const program = `
local path = ...
local records, units = 0, 0
for batch in data.batches(path, 1000) do
  for _, item in ipairs(batch.items) do units = units + tonumber(item.units) end
  records = records + #batch.items
end
return records, units`;

/** Writes a file of at least so many bytes; answers with its records and the sum of their units. */
async function writeCsv(path, bytes) {
  const stream = createWriteStream(path);
  const write = (text) => stream.write(text) || new Promise((resolve) => stream.once('drain', resolve));
  let [written, records, units] = [0, 0, 0];
  await write('id,name,units,note\n');
  while (written < bytes) {
    let text = '';
    for (let i = 0; i < 2000; i += 1) {
      records += 1;
      units += records % 97;
      text += `${records},"product, no. ${records}",${records % 97},${'some words of a note '.repeat(3)}\n`;
    }
    written += text.length;
    await write(text);
  }
  await new Promise((resolve) => stream.end(resolve));
  return [records, units];
}

/** The most memory that this process had, in MiB. */
async function peak() {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1024;
}

const [, , size = '1024', workers = '2'] = process.argv;
const folder = await mkdtemp(join(tmpdir(), 'sloth-csv-'));
try {
  const path = join(folder, 'large.csv');
  const expected = await writeCsv(path, Number(size) * mebibyte);
  const modules = standardModules({permissions: new Permissions({read: [folder]})});
  const runtime = new Runtime({workers: Number(workers), modules});
  const counted = await runtime.run(program, {args: [path]});
  await runtime.close();
  const most = await peak();
  console.log(`${counted[0]} records of ${size} MiB, at most ${most.toFixed(0)} MiB of memory`);
  if (String(counted) !== String(expected)) throw new Error(`records and units were ${expected}, counted ${counted}`);
  if (most >= mostMebibytes) throw new Error(`${most.toFixed(0)} MiB of memory, ${mostMebibytes} are allowed`);
} finally {
  await rm(folder, {recursive: true});
}
