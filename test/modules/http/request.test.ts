import {describe, expect, it} from 'vitest';
import {Permissions} from '../../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from '../module-script.js';
import {moment, serve, textOf} from './loopback.js';

const echo = () =>
  serve(async (request, response) => {
    const {method, url, headers} = request;
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('X-Twice', ['a', 'b']);
    response.end(JSON.stringify({method, url, headers, body: await textOf(request)}));
  });

describe('http.get', () => {
  it('answers with status, headers, body and success', async () => {
    const url = await serve((_, response) => response.writeHead(200, {'X-Fruit': 'pear'}).end('hello'));
    const source = `
      local r = http.get("${url}/a?b=1")
      return r.status, r.status_code, r.status_text, r.success, r.body, r.headers["X-Fruit"], r.headers["x-fruit"], r.url`;
    expect(await valuesWithModules(source)).toEqual([200, 200, 'OK', true, 'hello', 'pear', 'pear', `${url}/a?b=1`]);
  });

  it('answers with what failed, too', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('later'));
    const source = `local r = http.get("${url}") return r.status, r.success, r.body`;
    expect(await valuesWithModules(source)).toEqual([503, false, 'later']);
  });

  it('sends headers and a query, in either form', async () => {
    const url = await echo();
    const source = `
      local a = http.get("${url}/x?a=1", {query = {b = 2, c = {"x y", true}}, headers = {["X-Fruit"] = "pear"}}).json()
      local b = http.get("${url}", {Accept = "text/plain", Authorization = "none"}).json()
      return a.url, a.headers["x-fruit"], b.headers.accept, b.headers.authorization`;
    expect(await valuesWithModules(source)).toEqual(['/x?a=1&b=2&c=x+y&c=true', 'pear', 'text/plain', 'none']);
  });

  it('joins what came in several lines', async () => {
    const url = await echo();
    expect(await valuesWithModules(`return http.get("${url}").headers["x-twice"]`)).toEqual(['a, b']);
  });

  it('authenticates', async () => {
    const url = await echo();
    const source = `
      local basic = http.get("${url}", {auth = {user = "ann", password = "x"}}).json().headers.authorization
      local bearer = http.get("${url}", {auth = {bearer = "t0k"}}).json().headers.authorization
      return basic, bearer`;
    expect(await valuesWithModules(source)).toEqual(['Basic YW5uOng=', 'Bearer t0k']);
  });

  it('gives binary bodies as they are', async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0, 255, 10, 128])));
    expect(await valuesWithModules(`return http.get("${url}").body:byte(1, -1)`)).toEqual([0, 255, 10, 128]);
  });

  it('answers nil and a message where nobody listens', async () => {
    const [answer, message] = await valuesWithModules('return http.get("http://127.0.0.1:1/x")');
    expect(answer).toBeUndefined();
    expect(message).toMatch(/^GET http:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED/);
  });

  it('gives up after the timeout', async () => {
    const url = await serve(() => {});
    expect(await valuesWithModules(`return http.get("${url}/slow", {timeout = 0.05})`)).toEqual([
      undefined,
      `GET ${url}/slow: no answer within 50ms`,
    ]);
  });

  it('gives up after the timeout in the middle of a body', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, {'Content-Length': 10});
      response.write('half');
    });
    expect(await valuesWithModules(`return http.get("${url}", {timeout = "80ms"})`)).toEqual([
      undefined,
      `GET ${url}/: no answer within 80ms`,
    ]);
  });

  it('breaks off when its goroutine is cancelled', async () => {
    const [arrived, arrive] = moment();
    const [gone, leave] = moment();
    const url = await serve((request) => {
      request.once('close', leave);
      arrive();
    });
    const source = `
      local h = goroutine.async(function() return http.get("${url}") end)
      arrived()
      h:cancel("enough")
      return h:await()`;
    expect(await valuesWithModules(source, {globals: {arrived: () => arrived}})).toEqual([
      false,
      'cancelled: enough',
      'cancelled',
    ]);
    await gone;
  });

  it('works inside pcall, iterators and coroutines', async () => {
    const url = await serve((_, response) => response.end('x'));
    const source = `
      local each = coroutine.wrap(function() coroutine.yield(http.get("${url}").body) end)
      local seen = {select(2, pcall(function() return http.get("${url}").body end)), each()}
      for body in function(_, last) return last == nil and http.get("${url}").body or nil end do
        seen[#seen + 1] = body
        if #seen == 3 then break end
      end
      return seen`;
    expect(await valuesWithModules(source)).toEqual([['x', 'x', 'x']]);
  });

  it('serves a hundred goroutines at once', async () => {
    const url = await serve((request, response) => response.end(request.url));
    const [bodies] = await valuesWithModules(hundredTimes(`return http.get("${url}/" .. i).body`));
    expect(bodies).toEqual(Array.from({length: 100}, (_, i) => `/${i + 1}`));
  });
});

describe('bodies', () => {
  it('are sent as json, form, or text', async () => {
    const url = await echo();
    const source = `
      local seen = {}
      for i, options in ipairs{{json = {a = {1, 2}}}, {form = {a = "x y", b = 1}}, {body = "plain"}} do
        local r = http.post("${url}", options).json()
        seen[i] = {r.headers["content-type"] or "none", r.body}
      end
      return seen`;
    expect(await valuesWithModules(source)).toEqual([
      [
        ['application/json', '{"a":[1,2]}'],
        ['application/x-www-form-urlencoded', 'a=x+y&b=1'],
        ['none', 'plain'],
      ],
    ]);
  });

  it('stand before the headers, as older scripts have it', async () => {
    const url = await echo();
    const source = `
      local r = http.put("${url}", "text", {["Content-Type"] = "text/csv"}).json()
      return r.method, r.body, r.headers["content-type"]`;
    expect(await valuesWithModules(source)).toEqual(['PUT', 'text', 'text/csv']);
  });

  it.each(['get', 'post', 'put', 'patch', 'delete', 'options'])('http.%s says its method', async (name) => {
    const url = await echo();
    expect(await valuesWithModules(`return http.${name}("${url}").json().method`)).toEqual([name.toUpperCase()]);
  });

  it('are none for http.head', async () => {
    const url = await echo();
    expect(await valuesWithModules(`local r = http.head("${url}") return r.status, r.body`)).toEqual([200, '']);
  });

  it('go with http.request', async () => {
    const url = await echo();
    const source = `local r = http.request{method = "patch", url = "${url}", json = true}.json() return r.method, r.body`;
    expect(await valuesWithModules(source)).toEqual(['PATCH', 'true']);
  });

  it('that are no JSON raise when they are read as such', async () => {
    const url = await serve((_, response) => response.end('<html>'));
    expect(await errorWithModules(`http.get("${url}").json()`)).toMatch(/not JSON: /);
  });
});

describe('retries', () => {
  it('repeat until the answer is another one', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200, {'Retry-After': '0'}).end(String(asked));
    });
    expect(await valuesWithModules(`return http.get("${url}", {retries = 5}).body`)).toEqual(['3']);
  });

  it('end with the last answer', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(503, {'Retry-After': '0'}).end();
    });
    expect(await valuesWithModules(`return http.get("${url}", {retries = 2}).status`)).toEqual([503]);
    expect(asked).toBe(3);
  });

  it('do not repeat what is the fault of the request', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(404).end();
    });
    await valuesWithModules(`return http.get("${url}", {retries = 2}).status`);
    expect(asked).toBe(1);
  });
});

describe('misuse', () => {
  it.each([
    ['http.get()', "bad argument #1 to 'http.get' (string expected, got no value)"],
    ['http.get("ftp://x")', "http.get: a URL that begins with http:// or https:// expected, got 'ftp://x'"],
    ['http.get("x")', "http.get: a URL that begins with http:// or https:// expected, got 'x'"],
    ['http.get("http://x", {timeot = 1, headers = {}})', "there is no option 'timeot' (did you mean 'timeout'?)"],
    [
      'http.get("http://x", {timeout = "soon"})',
      'http.get: timeout must be a duration, such as "10s", or seconds, got \'soon\'',
    ],
    ['http.get("http://x", {retries = -1})', 'http.get: retries must be a whole number of at least 0, got -1'],
    ['http.post("http://x", {json = 1, body = "x"})', 'http.post: only one of json, form and body, got json and body'],
    ['http.post("http://x", {json = {f = 0/0}})', 'json.f: NaN has no form in JSON'],
    ['http.get("http://x", {auth = {name = "x"}})', 'http.get: auth must be {user =, password =} or {bearer =}'],
    [
      'http.request{method = "G E T", url = "http://x"}',
      "http.request: method must be a word such as GET, got 'G E T'",
    ],
    ['http.request{}', 'http.request: url must be a string, got nil'],
  ])('%s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });

  it('cannot put a line break into a header', async () => {
    const source = 'http.get("http://127.0.0.1:1", {headers = {["X-A"] = "1\\r\\nX-B: 2"}})';
    expect(await errorWithModules(source)).toContain("header 'X-A' must be text without line breaks");
    expect(await errorWithModules('http.get("http://127.0.0.1:1", {headers = {["X A: b"] = "1"}})')).toContain(
      "'X A: b' cannot be the name of a header",
    );
  });
});

describe('hostile input', () => {
  it('in a URL and a query reaches neither the request line nor the headers', async () => {
    const url = await echo();
    const source = `
      local r = http.get("${url}/a\\r\\nX-Planted: 1?q=1\\r\\n", {query = {["a\\r\\nX-Planted: 2"] = "b\\r\\nX-Planted: 3"}}).json()
      return r.url, r.headers["x-planted"]`;
    const [asked, planted] = await valuesWithModules(source);
    expect(asked).toMatch(/^\/aX-Planted:%201\?q=1&a%0D%0AX-Planted%3A\+2=b%0D%0AX-Planted%3A\+3$/);
    expect(planted).toBeUndefined();
  });

  it('nested too deep is refused, in an answer and in what is sent', async () => {
    const url = await serve((_, response) => response.end('['.repeat(200_000) + ']'.repeat(200_000)));
    expect(await errorWithModules(`http.get("${url}").json()`)).toContain('nested more than');
    const deep = 'local t = {} local top = t for i = 1, 3000 do t[1] = {} t = t[1] end';
    expect(await errorWithModules(`${deep} http.post("${url}", {json = top})`)).toMatch(
      /script:1: json: nested more than 1000 deep$/,
    );
  });
});

describe('permission', () => {
  it('is needed for each host, and the refusal names the flag', async () => {
    const permissions = new Permissions({net: ['example.org']});
    expect(await errorWithModules('http.get("http://127.0.0.1:80/")', {permissions})).toContain(
      'talking to 127.0.0.1:80 is not allowed: it needs --allow-net or --allow-net=127.0.0.1',
    );
  });

  it('is asked again where a redirect leads', async () => {
    const secret = await serve((_, response) => response.end('secret'));
    const url = await serve((_, response) => response.writeHead(302, {Location: secret}).end());
    const permissions = new Permissions({net: [new URL(url).host]});
    expect(await errorWithModules(`http.get("${url}")`, {permissions})).toContain(
      `talking to 127.0.0.1:${new URL(secret).port} is not allowed`,
    );
  });
});

describe('redirects', () => {
  it('are followed, and what was posted is not posted again', async () => {
    const url = await serve(async (request, response) => {
      if (request.url === '/old') response.writeHead(302, {Location: '/new'}).end();
      else response.end(`${request.method} ${request.url} ${await textOf(request)}`);
    });
    const source = `local r = http.post("${url}/old", "pears") return r.body, r.url`;
    expect(await valuesWithModules(source)).toEqual(['GET /new ', `${url}/new`]);
  });

  it('keep method and body where they must', async () => {
    const url = await serve(async (request, response) => {
      if (request.url === '/old') response.writeHead(307, {Location: '/new'}).end();
      else response.end(`${request.method} ${await textOf(request)}`);
    });
    expect(await valuesWithModules(`return http.post("${url}/old", "pears").body`)).toEqual(['POST pears']);
  });

  it('hand no secrets to another origin', async () => {
    const other = await echo();
    const url = await serve((_, response) => response.writeHead(301, {Location: other}).end());
    const source = `return http.get("${url}", {auth = {bearer = "t"}, headers = {Cookie = "c"}}).json().headers`;
    const [headers] = await valuesWithModules(source);
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('cookie');
  });

  it('that go round end', async () => {
    const url = await serve((_, response) => response.writeHead(302, {Location: '/'}).end());
    expect(await valuesWithModules(`return http.get("${url}", {max_redirects = 3})`)).toEqual([
      undefined,
      `GET ${url}/: more than 3 redirects`,
    ]);
  });

  it('to other protocols are refused', async () => {
    const url = await serve((_, response) => response.writeHead(302, {Location: 'file:///etc/passwd'}).end());
    expect(await valuesWithModules(`return http.get("${url}")`)).toEqual([
      undefined,
      `GET ${url}/: redirected to file:, which is refused`,
    ]);
  });
});

it('the run does not wait for connections that are kept', async () => {
  const url = await serve((_, response) => response.end('x'));
  const {kind, ms} = await runWithModules(`http.get("${url}")`);
  expect(kind).toBe('succeeded');
  expect(ms).toBeLessThan(10_000);
});
