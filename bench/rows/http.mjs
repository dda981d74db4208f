// Many requests at once: a loopback server in a process of its own answers each after 200 ms.
import {fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {Runtime} from '../../dist/index.js';
import {Permissions, standardModules} from '../../dist/modules.js';
import {workers} from '../support/lua.mjs';

const requests = 2000;
const program = `
local url, count, connection = ...
local group = goroutine.wait_group()
local function ask(url) assert(http.get(url, {timeout = 60, headers = {connection = connection}}).status == 200) end
local started = goroutine.now()
for i = 1, count do group:go(ask, url) end
group:wait()
return goroutine.now() - started`;

function startServer() {
  const child = fork(fileURLToPath(new URL('../peers/slow-server.mjs', import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (port) => resolve({child, port}));
  });
}

const ask = (child) => new Promise((resolve) => child.once('message', resolve).send('most'));

export const row = {
  figures: {
    time: {title: '2,000 http.get at once, each answered after 200 ms', unit: 'ms'},
    most: {
      title: '2,000 http.get at once: in flight at the peak, as the server counts',
      unit: '',
      promise: {text: '2000', holds: (value) => value === requests},
    },
    growth: {
      title: '2,000 http.get at once: growth of the memory of the process',
      unit: 'MiB',
      promise: {text: 'less than 200', holds: (value) => value < 200},
    },
  },
  repetitions: 3,
  async measure({quick}) {
    const count = quick ? requests / 10 : requests;
    const {child, port} = await startServer();
    const runtime = new Runtime({workers, modules: standardModules({permissions: Permissions.all()})});
    try {
      // A connection that was kept would be used at once, and have its answer before the others are open.
      await runtime.run(program, {args: [`http://127.0.0.1:${port}/`, 1, 'close']});
      const before = process.memoryUsage.rss();
      const [time] = await runtime.run(program, {args: [`http://127.0.0.1:${port}/`, count, 'keep-alive']});
      const growth = (process.memoryUsage.rss() - before) / 2 ** 20;
      const most = await ask(child);
      return {time, most: quick ? most * 10 : most, growth};
    } finally {
      await runtime.close();
      child.kill();
    }
  },
};
