// Answers every request after 200 ms; tells its parent its port, and, asked for it, how many it held at most.
import {createServer} from 'node:http';

let held = 0;
let most = 0;
const server = createServer((_, response) => {
  held += 1;
  most = Math.max(most, held);
  setTimeout(() => {
    held -= 1;
    response.end('ok');
  }, 200);
});
server.listen({port: 0, host: '127.0.0.1', backlog: 4096}, () => process.send?.(server.address().port));
process.on('message', () => process.send?.(most));
process.on('disconnect', () => process.exit());
