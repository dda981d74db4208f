import {afterEach, describe, expect, it} from 'vitest';
import {standardModules} from '../../lib/modules/standard-modules.js';
import {Runtime} from '../../lib/runtime.js';
import {serve, textOf} from './http/loopback.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

const weather = `tools.register("weather", {
  type = "object", properties = {city = {type = "string"}, days = {type = "integer", minimum = 1}}, required = {"city"},
}, function(params) return "sunny in " .. params.city, params.days end)
`;

let runtime: Runtime | undefined;
afterEach(() => runtime?.close());

describe('tools of the program', () => {
  it('are run with their params, and give all their results', async () => {
    expect(await valuesWithModules(`${weather} return tools.execute("weather", {city = "Porto", days = 2})`)).toEqual([
      'sunny in Porto',
      2,
    ]);
  });

  it('are listed by name', async () => {
    const source = `
      tools.register("b", {type = "object"}, function() end)
      tools.register("a", {type = "object"}, function() end)
      local names = {}
      for i, tool in ipairs(tools.list()) do names[i] = tool.name .. " " .. tool.kind .. " " .. tool.schema.type end
      return names`;
    expect(await valuesWithModules(source)).toEqual([['a lua object', 'b lua object']]);
  });

  it('get only params that fit', async () => {
    const message = await errorWithModules(`${weather} tools.execute("weather", {days = 0})`);
    expect(message).toMatch(/^script:\d+: wrong params for tool 'weather': city: .*; days: .*/);
  });

  it('may raise, which raises where they were asked for', async () => {
    const source = `
      tools.register("bad", {type = "object"}, function() error("out of order", 0) end)
      return pcall(function() local answer = tools.execute("bad") return answer end)`;
    expect(await valuesWithModules(source)).toEqual([false, "script:3: tool 'bad' failed: out of order"]);
  });

  it('that are not there raise', async () => {
    expect(await errorWithModules('local answer = tools.execute("weather", {})')).toBe(
      'script:1: no such tool: weather',
    );
  });

  it('are shared by all islands, and found by a hundred goroutines at once', async () => {
    const source = weather + hundredTimes('return (tools.execute("weather", {city = "c" .. i}))');
    const [answers] = await valuesWithModules(source);
    expect(answers).toEqual(Array.from({length: 100}, (_, i) => `sunny in c${i + 1}`));
  });

  it('end when whoever asked is cancelled', async () => {
    const source = `
      local left = channel.make(1)
      tools.register("slow", {type = "object"}, function()
        local guard <close> = setmetatable({}, {__close = function() left:send("gone") end})
        goroutine.sleep(60000)
      end)
      local ok, message = goroutine.timeout(50, function() tools.execute("slow") end)
      return ok, message, (left:receive(5))`;
    expect(await valuesWithModules(source)).toEqual([false, 'timeout exceeded', 'gone']);
  });

  it.each([
    ['tools.register("", {type = "object"}, print)', 'a tool needs a name'],
    ['tools.register("x", {type = "banana"}, print)', "the schema of tool 'x': not a JSON Schema that can be checked"],
    ['tools.register("x", {type = "object"})', "bad argument #3 to 'tools.register' (function expected, got no value)"],
    ['tools.execute(5 > 3)', "bad argument #1 to 'tools.execute' (string expected, got boolean)"],
  ])('complain about misuse: %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });
});

describe('tools of the host', () => {
  it('are found by name, with their params checked', async () => {
    runtime = new Runtime({modules: standardModules()});
    const schema = {type: 'object', properties: {n: {type: 'number'}}, required: ['n']};
    await runtime.defineTool('double', schema, async (params) => 2 * (params as {n: number}).n);
    const source =
      'return tools.execute("double", {n = 21}), tools.list()[1].kind, (pcall(tools.execute, "double", {}))';
    expect(await runtime.run(source)).toEqual([42, 'host', false]);
  });

  it('need the module', async () => {
    runtime = new Runtime();
    await expect(runtime.defineTool('x', {}, () => undefined)).rejects.toMatchObject({code: 'E_VALUE'});
  });

  it('need a schema that is one', async () => {
    runtime = new Runtime({modules: standardModules()});
    await expect(runtime.defineTool('x', 'object', () => undefined)).rejects.toThrow("the schema of tool 'x'");
  });
});

describe('tools behind SLOTH_TOOLS_URL', () => {
  it('get the params as JSON', async () => {
    const url = await serve(async (request, response) => {
      const answer = {asked: `${request.method} ${request.url}`, params: JSON.parse(await textOf(request))};
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
    });
    const source = 'local r = tools.execute("web_search", {query = "pears"}) return r.asked, r.params.query';
    expect(await valuesWithModules(source, {env: {SLOTH_TOOLS_URL: url}})).toEqual(['POST /tools/web_search', 'pears']);
  });

  it('raise what they fail with', async () => {
    const url = await serve((request, response) =>
      response.writeHead(request.url?.endsWith('none') ? 404 : 500).end('broken'),
    );
    const env = {SLOTH_TOOLS_URL: url};
    expect(await errorWithModules('tools.execute("none", {})', {env})).toContain('no such tool: none');
    expect(await errorWithModules('tools.execute("bad", {})', {env})).toContain(
      "tool 'bad' failed: status 500: broken",
    );
  });
});
