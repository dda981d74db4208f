import {request} from 'node:http';
import {describe, expect, it} from 'vitest';
import {Permissions} from '../../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from '../module-script.js';
import {moment, serve} from './loopback.js';

describe('http.serve', () => {
  it('gives a handler the request, and sends what it returns', async () => {
    const source = `
      local server = http.serve{handler = function(r)
        return {status = 201, headers = {["X-Fruit"] = "pear"}, body = table.concat({r.method, r.path, r.query.a, r.headers["X-In"], r.body}, " ")}
      end}
      local r = http.post(server.url .. "/shop?a=b", "text", {["X-In"] = "in"})
      server:close()
      return r.status, r.headers["x-fruit"], r.body`;
    expect(await valuesWithModules(source)).toEqual([201, 'pear', 'POST /shop b in text']);
  });

  it('takes text, json, and nothing for an answer', async () => {
    const source = `
      local server = http.serve{handler = function(r)
        if r.path == "/text" then return "hello" end
        if r.path == "/json" then return {json = {a = {1, 2}}} end
      end}
      local text, json, none = http.get(server.url .. "/text"), http.get(server.url .. "/json"), http.get(server.url)
      server:close()
      return text.body, text.headers["content-type"], json.body, json.headers["content-type"], none.status`;
    expect(await valuesWithModules(source)).toEqual([
      'hello',
      'text/plain; charset=utf-8',
      '{"a":[1,2]}',
      'application/json',
      204,
    ]);
  });

  it('answers each request on a goroutine of its own, which may wait', async () => {
    const source = `
      local server = http.serve{handler = function(r)
        if r.path == "/slow" then goroutine.sleep(100) end
        return r.path
      end}
      local order, done = {}, goroutine.wait_group()
      for _, path in ipairs{"/slow", "/fast"} do
        done:go(function() local body = http.get(server.url .. path).body order[#order + 1] = body end)
      end
      done:wait()
      server:close()
      return order`;
    expect(await valuesWithModules(source)).toEqual([['/fast', '/slow']]);
  });

  it('lets handlers share what their program holds', async () => {
    const source = `
      local count = 0
      local server = http.serve{handler = function() count = count + 1 return tostring(count) end}
      local url, group = server.url, goroutine.wait_group()
      for i = 1, 50 do group:go(function() http.get(url) end) end
      group:wait()
      server:close()
      return count`;
    expect(await valuesWithModules(source)).toEqual([50]);
  });

  it('answers 500 for an error, and reports it', async () => {
    const source = `
      local server = http.serve{handler = function() error("out of order") end}
      local r = http.get(server.url)
      server:close()
      return r.status, r.body`;
    const {values, stderr, uncaught} = await runWithModules(source);
    expect(values).toEqual([500, 'internal server error']);
    expect(uncaught).toBe(1);
    expect(stderr).toContain('script:2: out of order');
  });

  it('answers 500 for an answer that is none', async () => {
    const source = `
      local server = http.serve{handler = function(r) return {status = 99} end}
      local r = http.get(server.url)
      server:close()
      return r.status`;
    const {values, stderr} = await runWithModules(source);
    expect(values).toEqual([500]);
    expect(stderr).toContain('status must be a whole number from 200 to 599, got 99');
  });

  it('lets no handler write headers of its own making', async () => {
    const source = `
      local server = http.serve{handler = function(r) return {headers = {["X-A"] = "1\\r\\nX-B: 2"}, body = "x"} end}
      local r = http.get(server.url)
      server:close()
      return r.status, r.headers["x-b"]`;
    expect((await runWithModules(source)).values).toEqual([500, undefined]);
  });

  it('refuses a body that is too long', async () => {
    const source = `
      local server = http.serve{max_bytes = 10, handler = function(r) return r.body end}
      local r = http.post(server.url, ("x"):rep(11))
      server:close()
      return r.status`;
    expect(await valuesWithModules(source)).toEqual([413]);
  });

  it('keeps the run alive until it is closed, and ends with it when it is cancelled', async () => {
    const source = `
      local server = http.serve{handler = function() return "x" end}
      goroutine.spawn(function() goroutine.sleep(50) server:close() end)
      server:wait()
      return "closed"`;
    expect(await valuesWithModules(source)).toEqual(['closed']);
    const {kind} = await runWithModules('http.serve{handler = function() end}', {timeoutMs: 200});
    expect(kind).toBe('timeout');
  });

  it('takes no requests once it is closed', async () => {
    const source = `
      local server = http.serve{handler = function() return "x" end}
      server:close()
      server:close()
      return (select(2, http.get(server.url)))`;
    expect((await valuesWithModules(source))[0]).toMatch(/ECONNREFUSED/);
  });

  it('serves a hundred goroutines at once', async () => {
    const source = `
      local server = http.serve{handler = function(r) return r.path end}
      url = server.url
      local answers = (function() ${hundredTimes('return http.get(url .. "/" .. i).body')} end)()
      server:close()
      return answers`;
    expect(await valuesWithModules(source)).toEqual([Array.from({length: 100}, (_, i) => `/${i + 1}`)]);
  });

  it('forgets a request whose client went away', async () => {
    const source = `
      local server = http.serve{handler = function() goroutine.sleep(50) return "late" end}
      leave(server.port)
      goroutine.sleep(100)
      server:close()
      return "done"`;
    const leave = (port: unknown) =>
      new Promise<undefined>((resolve) => {
        const client = request({port: Number(port), host: '127.0.0.1'});
        client.on('error', () => resolve(undefined));
        client.end(() => setTimeout(() => client.destroy(), 10));
      });
    expect(await valuesWithModules(source, {globals: {leave}})).toEqual(['done']);
  });

  it.each([
    ['http.serve{}', 'http.serve: handler must be a function, got nil'],
    ['http.serve{handler = print, port = 70000}', 'http.serve: port must be a whole number from 0 to 65535, got 70000'],
    ['http.serve{handler = print, prot = 1}', "http.serve: there is no option 'prot'"],
    ['http.serve(print)', "bad argument #1 to 'http.serve' (table expected, got function)"],
  ])('complains about misuse: %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });

  it('tells that a port is taken, and needs permission', async () => {
    const url = await serve((_, response) => response.end());
    const {port} = new URL(url);
    expect(await errorWithModules(`http.serve{handler = print, port = ${port}}`)).toContain(
      `http.serve: cannot listen on 127.0.0.1:${port}: `,
    );
    const permissions = new Permissions({net: ['example.org']});
    expect(await errorWithModules('http.serve{handler = print, port = 8080}', {permissions})).toContain(
      'it needs --allow-net or --allow-net=127.0.0.1',
    );
  });
});

describe('streams', () => {
  it('give the pieces of a body as they come', async () => {
    const url = await serve(async (_, response) => {
      for (const piece of ['a', 'b', 'c']) {
        response.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      response.end();
    });
    const source = `
      local r = http.get("${url}", {stream = true})
      local pieces = {}
      for piece in r.body:range() do pieces[#pieces + 1] = piece end
      return r.status, pieces, (r.problem())`;
    expect(await valuesWithModules(source)).toEqual([200, ['a', 'b', 'c'], undefined]);
  });

  it('tell what broke them off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, {'Content-Length': 100});
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const source = `
      local r = http.get("${url}", {stream = true})
      local text = ""
      for piece in r.body:range() do text = text .. piece end
      return text, tostring(r.problem())`;
    const [text, problem] = await valuesWithModules(source);
    expect(text).toBe('half');
    expect(problem).not.toBe('nil');
  });

  it('that nobody reads to the end are broken off with the run', async () => {
    const [gone, forget] = moment();
    const url = await serve((_, response) => {
      response.once('close', forget);
      const write = (): void => {
        if (!response.destroyed && response.write(Buffer.alloc(65_536))) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    const source = `local r = http.get("${url}", {stream = true}) return #r.body:receive() > 0`;
    expect(await valuesWithModules(source)).toEqual([true]);
    await gone;
  });
});

describe('llm.stream', () => {
  const events = (...data: string[]) =>
    serve((_, response) => {
      response.setHeader('Content-Type', 'text/event-stream');
      for (const one of data) response.write(`data: ${one}\n\n`);
      response.end();
    });
  const piece = (content: string) => JSON.stringify({choices: [{delta: {content}}]});

  it('gives the pieces of the answer', async () => {
    const url = await events(piece('to'), piece('ma'), piece('to'), '[DONE]', piece('never'));
    const source = `
      local text = ""
      for piece in llm.stream{prompt = "fruit?", url = "${url}"}:range() do text = text .. piece end
      return text`;
    expect(await valuesWithModules(source)).toEqual(['tomato']);
  });

  it('tells what broke it off', async () => {
    const url = await events(piece('to'), JSON.stringify({error: {message: 'overloaded'}}));
    const source = `
      local pieces, problem = llm.stream{prompt = "fruit?", url = "${url}"}
      local text = ""
      for piece in pieces:range() do text = text .. piece end
      return text, tostring(problem())`;
    expect(await valuesWithModules(source)).toEqual(['to', 'llm.stream: overloaded']);
  });

  it('raises what the endpoint refuses', async () => {
    const url = await serve((_, response) => response.writeHead(429).end('{"error": {"message": "slow down"}}'));
    expect(await errorWithModules(`llm.stream{prompt = "x", url = "${url}"}`)).toContain(
      'llm.stream: status 429: slow down',
    );
  });
});
