import {watch} from 'chokidar';
import {untilCalled} from '../../util/until-called.js';
import {isTemporary} from '../../util/write-atomically.js';
import type {Source} from './pieces.js';

const types: Readonly<Record<string, string>> = {
  add: 'add',
  addDir: 'add_dir',
  change: 'change',
  unlink: 'remove',
  unlinkDir: 'remove_dir',
};

/** Pieces that nobody took yet; more are dropped. */
const mostWaiting = 100_000;

/** What happens below a path, in pairs of type and path; resolves once it is being watched. */
export async function watchSource(path: string, depth: number | undefined): Promise<Source> {
  let waiting: string[] = [];
  let closed = false;
  let wake: (() => void) | undefined;
  const watcher = watch(path, {ignoreInitial: true, ignored: isTemporary, ...(depth !== undefined && {depth})});
  watcher.on('all', (event, changed) => {
    const type = types[event];
    if (type && waiting.length < mostWaiting) waiting.push(type, changed);
    wake?.();
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve);
    watcher.once('error', reject);
  });
  return {
    async next(signal) {
      while (waiting.length === 0 && !closed && !signal.aborted) {
        await untilCalled(signal, (called) => {
          wake = called;
        });
      }
      const taken = waiting;
      waiting = [];
      return taken.length > 0 ? taken : undefined;
    },
    async close() {
      closed = true;
      wake?.();
      await watcher.close();
    },
  };
}
