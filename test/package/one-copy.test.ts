import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {runProcess} from '../crash/process.js';

const commonJs = JSON.stringify(fileURLToPath(new URL('../../dist/index.cjs', import.meta.url)));
const testing = JSON.stringify(new URL('../../dist/testing.js', import.meta.url).href);
const well = {code: 0, signal: null, stderr: ''};

describe('a process that imports and requires the library', () => {
  test('has one copy of it: classes, state and addon', async () => {
    const ended = await runProcess(`
      import {createRequire} from 'node:module';
      import {readFileSync} from 'node:fs';
      const required = createRequire(import.meta.url)(${commonJs});
      const {TestRuntime} = await import(${testing});
      check(required.Runtime === Runtime && required.SlothError === SlothError, 'one class');
      check(TestRuntime.prototype instanceof Runtime, 'one class for the sub-paths, too');
      const a = new Runtime({workers: 1}), b = new required.Runtime({workers: 1});
      const channel = b.channel(1);
      await channel.send('over');
      check(channel instanceof required.Channel, 'a channel');
      check((await a.run('return 1'))[0] + (await b.run('local c = ... return c:receive()', {args: [channel]}))[0] === '1over', 'both run');
      const error = await a.run('error("x")').catch((caught) => caught);
      check(error instanceof required.LuaError && error instanceof required.SlothError, 'one kind of error');
      const maps = new Set(readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.endsWith('.node')).map((line) => line.split(' ').at(-1)));
      check(maps.size === 1, [...maps].join());
      await Promise.all([a.close(), b.close()]);`);
    expect(ended).toMatchObject(well);
  });

  test('has one in each worker thread, all at once', async () => {
    const ended = await runProcess(`
      const inside = ${JSON.stringify(`
        const {Runtime} = require(${commonJs});
        const {parentPort} = require('node:worker_threads');
        const runtime = new Runtime({workers: 1});
        runtime.run('return 7').then(async ([n]) => { await runtime.close(); parentPort.postMessage(n); });`)};
      const workers = Array.from({length: 4}, () => new Worker(inside, {eval: true, execArgv: []}));
      const answers = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
      check(answers.join() === '7,7,7,7', answers.join());
      check((await new Runtime({workers: 1}).run('return 7'))[0] === 7, 'and here');`);
    expect(ended).toMatchObject(well);
  });
});
