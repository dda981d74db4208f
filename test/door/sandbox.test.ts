import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {Runtime, type RuntimeOptions, type Sandbox, SlothError} from '../../lib/index.js';

const opened: Runtime[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sloth-sandbox-'));
function make(options: RuntimeOptions): Runtime {
  const runtime = new Runtime({workers: 2, ...options});
  opened.push(runtime);
  return runtime;
}
afterAll(async () => {
  await Promise.all(opened.map((runtime) => runtime.close()));
  rmSync(folder, {recursive: true});
});

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SlothError ? `${error.code}: ${error.message}` : String(error)),
  );

describe('the safe sandbox', () => {
  const gone =
    'io debug package dofile loadfile string.dump os.execute os.getenv os.remove os.rename os.tmpname os.setlocale';

  test.each(gone.split(' '))('has no %s, on no island', async (name) => {
    const source = `local here = ${name}
      local there = goroutine.async(function() return ${name} end)
      return here, there:await()`;
    expect(await make({sandbox: 'safe'}).run(source)).toEqual([undefined, true, undefined]);
  });

  test.each([
    'require("io").popen("true")',
    'require("package").loadlib("x", "y")',
    'require("debug").getinfo(1)',
    'load("\\27Lua")()',
    'require("../../../../etc/passwd")',
  ])('no way round by %s', async (source) => {
    expect(await messageOf(make({sandbox: 'safe'}).run(source))).toMatch(/^E_LUA/);
  });

  test('has everything else, parallel too', async () => {
    const source = `local h = goroutine.parallel(function() return ("x"):rep(3) .. math.floor(2.5) .. os.date("%Y", 0):len() end)
      local plain = goroutine.explain(function() return os.time() end)
      return select(2, h:await()), plain.parallel, #table.pack(pcall(error, "x")), require("string") == string`;
    expect(await make({sandbox: 'safe'}).run(source)).toEqual(['xxx24', true, 2, true]);
    expect(await make({sandbox: 'safe'}).run('return load("return 1 + 1")()')).toEqual([2]);
  });

  test('a full runtime beside it keeps everything', async () => {
    await make({sandbox: 'safe'}).run('return 1');
    expect(
      await make({}).run(
        'return io ~= nil, os.getenv ~= nil, goroutine.explain(function() return os.getenv("HOME") end).parallel',
      ),
    ).toEqual([true, true, true]);
  });
});

describe('a list', () => {
  test('gives what it names', async () => {
    const runtime = make({sandbox: ['string', 'os.time', 'load']});
    const source =
      'return string ~= nil, math, table, os.time ~= nil, os.clock, load ~= nil, require, dofile, goroutine, print ~= nil';
    expect(await runtime.run(source)).toEqual([
      true,
      undefined,
      undefined,
      true,
      undefined,
      true,
      undefined,
      undefined,
      undefined,
      true,
    ]);
  });

  test.each<[Sandbox, RegExp]>([
    [['strin'], /sandbox names 'strin', which is no library and no function; did you mean 'string'\?/],
    [['os.tme'], /did you mean 'os.time'/],
    ['none' as Sandbox, /sandbox must be 'full', 'safe' or a list of names, got none/],
  ])('refuses %j', (sandbox, message) => {
    expect(() => new Runtime({sandbox})).toThrow(message);
  });
});

describe('modules', () => {
  writeFileSync(join(folder, 'alpha.lua'), 'return {name = ..., from = select(2, ...)}');
  mkdirSync(join(folder, 'beta'));
  writeFileSync(join(folder, 'beta', 'init.lua'), 'return {beta = require("alpha").name}');

  test('are found in the host’s folders, in a sandbox too', async () => {
    for (const sandbox of ['full', 'safe'] as const) {
      const runtime = make({sandbox, modulePaths: [folder]});
      expect(await runtime.run('return require("alpha").name, require("beta").beta')).toEqual(['alpha', 'alpha']);
      expect(await messageOf(runtime.run('require("gamma")'))).toContain(`no file '${folder}/gamma.lua'`);
    }
  });

  test('come from the resolver, once each, and only who asks waits', async () => {
    const asked: string[] = [];
    const runtime = make({
      sandbox: 'safe',
      async resolveModule(name) {
        asked.push(name);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (name === 'broken') return 'return +';
        return name === 'greet'
          ? 'loads = (loads or 0) + 1 return function(who) return "hello " .. who end'
          : undefined;
      },
    });
    const source = `local hs = {}
      for i = 1, 3 do hs[i] = goroutine.shared(function() return require("greet")("world") end) end
      local ok, text = hs[3]:await()
      return text, loads, select(2, require("greet"))`;
    expect(await runtime.run(source)).toEqual(['hello world', 1]);
    expect(asked).toEqual(['greet']);
    expect(await messageOf(runtime.run('require("other")'))).toMatch(/module 'other' not found/);
    expect(await messageOf(runtime.run('require("broken")'))).toMatch(/error loading module 'broken':.*broken:1:/s);
  });

  test('a resolver that fails is the error of who asked', async () => {
    const runtime = make({resolveModule: () => Promise.reject(new Error('registry is down'))});
    expect(await messageOf(runtime.run('require("x")'))).toMatch(/registry is down/);
  });

  test.each([[['']], [['a;b']], ['x' as unknown as string[]]])('refuses the paths %j', (modulePaths) => {
    expect(() => new Runtime({modulePaths})).toThrow(/modulePaths must be a list of directories/);
  });
});
