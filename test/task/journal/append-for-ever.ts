import {writeSync} from 'node:fs';
import {openStores, type StoreChoice} from '../../../lib/task/journal/open-stores.js';
import {SlothFolder} from '../../../lib/task/journal/sloth-folder.js';

// Appends numbered records to a run until it is killed, in commits of one to five, and prints the number of the last one
// after each commit. Goes on after what it finds.
const [path = '', choice = 'auto', run = ''] = process.argv.slice(2);
const [store] = openStores(new SlothFolder(path).create(), choice as StoreChoice);
for (let next = store.read(run).length; ; ) {
  const size = 1 + (next % 5);
  const records = Array.from({length: size}, (_, index) => ({kind: 'number', at: 0, number: next + index}));
  await store.append(run, records, next % 2 ? 'disk' : 'process');
  next += size;
  writeSync(1, `${next}\n`);
}
