import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {brotliCompressSync, gzipSync} from 'node:zlib';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {Permissions} from '../../../lib/modules/permissions.js';
import {errorWithModules, valuesWithModules} from '../module-script.js';
import {moment, serve, textOf} from './loopback.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sloth-http-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const packed = (encoding: string, body: Buffer) =>
  serve((_, response) => response.writeHead(200, {'Content-Encoding': encoding}).end(body));

describe('packed bodies', () => {
  it.each([
    ['gzip', gzipSync('pears')],
    ['br', brotliCompressSync('pears')],
    ['gzip, br', brotliCompressSync(gzipSync('pears'))],
  ])('are unpacked: %s', async (encoding, body) => {
    const url = await packed(encoding, body);
    expect(await valuesWithModules(`return http.get("${url}").body`)).toEqual(['pears']);
  });

  it('that unpack to more than max_bytes are refused', async () => {
    const url = await packed('gzip', gzipSync(Buffer.alloc(50 * 2 ** 20)));
    expect(await valuesWithModules(`return http.get("${url}", {max_bytes = 1000000})`)).toEqual([
      undefined,
      `GET ${url}/: the body is longer than max_bytes, which is 1000000`,
    ]);
  });

  it('that are damaged are a failure', async () => {
    const url = await packed('gzip', Buffer.from('no gzip at all'));
    const [answer, message] = await valuesWithModules(`return http.get("${url}")`);
    expect(answer).toBeUndefined();
    expect(message).toContain('incorrect header check');
  });
});

describe('a streamed body', () => {
  it('is not waited for when its goroutine is cancelled before the answer begins', async () => {
    const [asked, ask] = moment();
    const [brokenOff, breakOff] = moment();
    const url = await serve((request) => {
      request.once('close', breakOff);
      ask();
    });
    const source = `
      local handle = goroutine.spawn(function(url) return http.get(url, {stream = true}) end, "${url}")
      wait_for_request()
      handle:cancel()
      handle:await(10000)
      return handle:status()`;
    const globals = {wait_for_request: () => asked.then(() => undefined)};
    expect(await valuesWithModules(source, {globals})).toEqual(['cancelled']);
    await brokenOff;
  });

  it('goes on when the goroutine that asked for it has ended', async () => {
    const url = await serve((_request, response) => {
      response.write('first ');
      setTimeout(() => response.end('second'), 20);
    });
    const source = `
      local ok, answer = goroutine.shared(function(url) return http.get(url, {stream = true}) end, "${url}"):await()
      local text = ""
      for chunk in answer.body:range() do text = text .. chunk end
      return text`;
    expect(await valuesWithModules(source)).toEqual(['first second']);
  });
});

describe('http.download', () => {
  it('writes a file as a whole', async () => {
    const url = await serve((_, response) => response.end('pears'));
    const path = join(folder, 'deep', 'fruit.txt');
    const source = `local r = http.download("${url}", "${path}") return r.bytes, r.path, r.status`;
    expect(await valuesWithModules(source)).toEqual([5, path, 200]);
    expect(await readFile(path, 'utf8')).toBe('pears');
  });

  it('leaves nothing of a body that broke off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, {'Content-Length': 100});
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const [answer, message] = await valuesWithModules(`return http.download("${url}", "${folder}/fruit.txt")`);
    expect(answer).toBeUndefined();
    expect(message).toBeTypeOf('string');
    expect(await readdir(folder)).toEqual([]);
  });

  it('writes nothing for a status that is a failure', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('no'));
    const source = `local r, message, refused = http.download("${url}/x", "${folder}/x") return r, message, refused.status`;
    expect(await valuesWithModules(source)).toEqual([undefined, `GET ${url}/x: status 404`, 404]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('tells what broke a body off, and leaves no file', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, {'Content-Length': 10});
      response.write('half', () => response.destroy());
    });
    const [answer, message] = await valuesWithModules(`return http.download("${url}/x", "${folder}/x")`);
    expect(answer).toBeUndefined();
    expect(message).toMatch(new RegExp(`^GET ${url}/x: .*closed`));
    expect(await readdir(folder)).toEqual([]);
  });

  it('tells when there is more than it may have', async () => {
    const url = await serve((_, response) => response.end('much'));
    const source = `local answer, message = http.download("${url}/x", "${folder}/x", {max_bytes = 3}) return answer, message`;
    expect(await valuesWithModules(source)).toEqual([
      undefined,
      `GET ${url}/x: the body is longer than max_bytes, which is 3`,
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('tells that the file cannot be written where that is so', async () => {
    const url = await serve((_, response) => response.end('x'));
    await writeFile(`${folder}/file`, 'x');
    const [answer, message] = await valuesWithModules(`return http.download("${url}", "${folder}/file/x")`);
    expect(answer).toBeUndefined();
    expect(message).toMatch(/^cannot write .*file\/x: /);
  });

  it('writes only where it may', async () => {
    const url = await serve((_, response) => response.end('x'));
    const permissions = new Permissions({net: true, write: [`${folder}/allowed`]});
    const source = `http.download("${url}", "${folder}/allowed/../other")`;
    expect(await errorWithModules(source, {permissions})).toContain('is not allowed: it needs --allow-write');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('net', () => {
  it('has the shapes older scripts know', async () => {
    const url = await serve((request, response) => response.writeHead(201, {'X-A': 'b'}).end(request.method));
    const source = `
      local body, status, headers, err = net.http_get("${url}")
      local posted, created = net.http_post("${url}", "x", {["X-B"] = "c"})
      return body, status, headers["x-a"], err, posted, created, net.download("${url}", "${folder}/f"), (select(4, net.http_get("http://127.0.0.1:1")))`;
    const [body, status, header, error, posted, created, problem, refused] = await valuesWithModules(source);
    expect([body, status, header, error, posted, created, problem]).toEqual([
      'GET',
      201,
      'b',
      undefined,
      'POST',
      201,
      undefined,
    ]);
    expect(refused).toContain('ECONNREFUSED');
    expect(await readFile(`${folder}/f`, 'utf8')).toBe('GET');
  });

  it('tells why a download failed', async () => {
    const url = await serve((_, response) => response.writeHead(500).end());
    expect(await valuesWithModules(`return net.download("${url}/x", "${folder}/f")`)).toEqual([
      `GET ${url}/x: status 500`,
    ]);
  });
});

describe('resource_limits.max_network_bandwidth', () => {
  const config = () => ({resource_limits: {max_network_bandwidth: '2Mbps'}});

  it('slows all bodies down together, those that are sent too', async () => {
    const got: number[] = [];
    const url = await serve(async (request, response) => {
      if (request.method === 'POST')
        got.push((await textOf(request)).length, Number(request.headers['content-length']));
      response.end(request.method === 'GET' ? Buffer.alloc(40_000) : '');
    });
    const source = `
      local started = goroutine.now()
      local group, read = goroutine.wait_group(), 0
      for i = 1, 2 do group:go(function() local got = #http.get("${url}").body read = read + got end) end
      group:wait()
      net.download("${url}", "${folder}/f")
      http.post("${url}", ("x"):rep(80000))
      return goroutine.now() - started, read`;
    const [ms, read] = await valuesWithModules(source, {config});
    expect(read).toBe(80_000);
    expect(got).toEqual([80_000, 80_000]);
    expect((await readFile(`${folder}/f`)).length).toBe(40_000);
    // 200,000 bytes at 250,000 a second.
    expect(ms).toBeGreaterThan(790);
  });

  it('counts what comes over the network, before it is unpacked', async () => {
    const url = await packed('gzip', gzipSync(Buffer.alloc(50 * 2 ** 20)));
    const [bytes] = await valuesWithModules(`return #http.get("${url}").body`, {config});
    expect(bytes).toBe(50 * 2 ** 20);
  });

  it('is that of servers, too', async () => {
    const source = `
      local server = http.serve{handler = function(r) return r.body .. "!" end}
      local started = goroutine.now()
      local r = http.post(server.url, ("x"):rep(25000))
      server:close()
      return goroutine.now() - started, #r.body, r.headers["content-length"]`;
    const [ms, bytes, length] = await valuesWithModules(source, {config});
    expect([bytes, length]).toEqual([25_001, '25001']);
    // The same bucket four times: sent, received, sent back, received.
    expect(ms).toBeGreaterThan(390);
  });

  it('that is none is why the call fails', async () => {
    const url = await serve((_, response) => response.end('x'));
    const wrong = () => ({resource_limits: {max_network_bandwidth: 'fast'}});
    expect(await valuesWithModules(`return http.get("${url}")`, {config: wrong})).toEqual([
      undefined,
      `GET ${url}/: resource_limits.max_network_bandwidth must be a bandwidth such as "10Mbps", got fast`,
    ]);
  });
});
