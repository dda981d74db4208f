import {createServer, type Socket} from 'node:net';
import {setImmediate as turn} from 'node:timers/promises';
import {afterEach, describe, expect, it} from 'vitest';
import {Burst} from '../../../lib/modules/http/burst.js';
import {valuesWithModules} from '../module-script.js';
import {serve} from './loopback.js';

type Connector = Burst['connector'];

interface Opening {
  readonly options: Parameters<Connector>[0];
  connected(): void;
  broken: boolean;
}

// A burst over connections that are open when the test says so, and the names of those that may send.
function burst() {
  const openings: Opening[] = [];
  const begun: string[] = [];
  const connect: Connector = (options, callback) => {
    const opening: Opening = {
      options,
      broken: false,
      connected() {
        const socket = {
          name: options.hostname,
          get destroyed() {
            return opening.broken;
          },
        };
        callback(null, socket as unknown as Socket);
      },
    };
    openings.push(opening);
  };
  const made = new Burst(connect);
  const open = (hostname: string): Opening => {
    const options = {hostname, protocol: 'http:', port: '80'};
    made.connector(options, (...[error]) => void begun.push(error ? `${hostname}: ${error.message}` : hostname));
    return openings.at(-1) as Opening;
  };
  return {made, open, begun};
}

async function untilBegun(begun: readonly string[], count: number): Promise<void> {
  while (begun.length < count) await turn();
}

describe('connections', () => {
  it('that come alone wait for two turns at most', async () => {
    const {open, begun} = burst();
    open('a').connected();
    await turn();
    await turn();
    await turn();
    expect(begun).toEqual(['a']);
  });

  it('of a burst wait while each turn opens further ones, and begin in their order', async () => {
    const {open, begun} = burst();
    for (let i = 0; i < 20; i += 1) {
      open(String(i)).connected();
      await turn();
      expect(begun).toEqual([]);
    }
    await untilBegun(begun, 20);
    expect(begun).toEqual(Array.from({length: 20}, (_, i) => String(i)));
  });

  it('wait no longer than a twentieth of what a request has', async () => {
    const {made, open, begun} = burst();
    made.expect(20);
    const asked = performance.now();
    let opened = 0;
    while (begun.length === 0) {
      open(String(opened)).connected();
      opened += 1;
      await turn();
    }
    expect(performance.now() - asked).toBeGreaterThanOrEqual(1);
    expect(begun[0]).toBe('0');
  });

  it('that break while they wait fail', async () => {
    const {open, begun} = burst();
    const opening = open('a');
    opening.connected();
    opening.broken = true;
    await untilBegun(begun, 1);
    expect(begun).toEqual(['a: the connection was closed before anything was sent']);
  });
});

describe('through the module', () => {
  const listening: {close(): void}[] = [];
  afterEach(() => {
    for (const server of listening.splice(0)) server.close();
  });

  function listen(take: (socket: Socket) => void): Promise<number> {
    const server = createServer(take);
    listening.push(server);
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as {port: number}).port)),
    );
  }

  it('two thousand requests are in flight at once', async () => {
    const count = 2000;
    const held: (() => void)[] = [];
    // Nobody is answered before all have asked.
    const url = await serve((_, response) => {
      held.push(() => response.end('x'));
      if (held.length === count) for (const answer of held) answer();
    });
    const source = `
      local group, good = goroutine.wait_group(), goroutine.atomic_int(0)
      for i = 1, ${count} do
        group:go(function() if http.get("${url}", {timeout = 120}).status == 200 then good:add(1) end end)
      end
      group:wait()
      return good:load()`;
    expect(await valuesWithModules(source)).toEqual([count]);
  });

  it('a server that hangs up at once is told as such', async () => {
    const port = await listen((socket) => socket.destroy());
    const [answer, message] = await valuesWithModules(`return http.get("http://127.0.0.1:${port}/")`);
    expect(answer).toBeUndefined();
    expect(message).toMatch(new RegExp(`^GET http://127.0.0.1:${port}/: .+`));
  });

  it('the time of a request ends while its connection is still being made', async () => {
    const sockets: Socket[] = [];
    const port = await listen((socket) => sockets.push(socket));
    const source = `return http.get("https://127.0.0.1:${port}/", {timeout = 0.05})`;
    expect(await valuesWithModules(source)).toEqual([
      undefined,
      `GET https://127.0.0.1:${port}/: no answer within 50ms`,
    ]);
    for (const socket of sockets) socket.destroy();
  });
});
