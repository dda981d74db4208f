import {existsSync, readdirSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {exitCodeTable} from '../../lib/cli/exit-code.js';
import {programsIn, readText, root} from './page-programs.js';
import {linesOf, runNode, runText} from './run-script.js';
import {taskFilePages} from './task-file-pages.js';

const pages = [
  'README.md',
  'docs/quick-start.md',
  'docs/cookbook.md',
  'docs/values.md',
  'docs/memory-model.md',
  'docs/lua-goroutines.md',
  'docs/lua-channels.md',
  'docs/lua-context.md',
  'docs/lua-patterns.md',
  'docs/lua-synchronization.md',
  'docs/observing.md',
  'docs/lua-pools.md',
  'docs/modules.md',
  'docs/migration.md',
  'docs/editors.md',
];

const nodePages = [
  'README.md',
  'docs/modules.md',
  'docs/errors.md',
  'docs/observing.md',
  'docs/values.md',
  'docs/deterministic.md',
  'docs/task-files.md',
];

describe.concurrent('the Lua programs of a page print what the page says', () => {
  const programs = pages.flatMap((page) => programsIn(page, 'lua'));

  test('every page has one', () => {
    expect([...new Set(programs.map(({page}) => page))]).toEqual(pages);
  });

  // What the pages say is in the environment.
  const environment = {DEPLOY_TOKEN: 'hunter2-token'};

  // Those that wait do so on a virtual clock: how busy the machine is makes no difference to what they print.
  test.each(programs)('$page:$line', async ({text, prints}) => {
    const flags = /sleep|_time|ticker|after\(|debounce|time\.(?:every|cron)/.test(text) ? ['--virtual-time'] : [];
    const {code, stdout, stderr} = await runText('program.lua', text, flags, [], environment);
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: prints, stderr: ''});
  });
});

describe.concurrent('the programs for Node of a page print what the page says', () => {
  const programs = nodePages.flatMap((page) => programsIn(page, 'js'));

  test('every page has one', () => {
    expect([...new Set(programs.map(({page}) => page))]).toEqual(nodePages);
  });

  test.each(programs)('$page:$line', async ({page, line, text, prints}) => {
    // Inside the package, so that its own name is known; beside the first task file of its page.
    const folder = new URL(`build/${page.replace(/\W/g, '-')}-${line}-${process.pid}/`, root);
    await mkdir(folder, {recursive: true});
    try {
      await writeFile(new URL('program.mjs', folder), text);
      const [file] = programsIn(page, 'sloth');
      if (file) await writeFile(new URL('build.sloth', folder), file.text.replaceAll(/"make[^"]*"/g, '"true"'));
      const {code, stdout, stderr} = await runNode(['program.mjs'], fileURLToPath(folder));
      expect({code, stdout, stderr}).toEqual({code: 0, stdout: prints, stderr: ''});
    } finally {
      await rm(folder, {recursive: true});
    }
  });
});

describe.concurrent('the README', () => {
  test.each(['README.md', 'docs/cli.md'])('%s lists the exit codes there are', (page) => {
    const rows = [...readText(page).matchAll(/^\| (\d+|n) \| (.*) \|$/gm)].map((row) => [
      row[1],
      row[2]?.replaceAll('`', ''),
    ]);
    expect(rows).toEqual(exitCodeTable.map((row) => [...row]));
  });

  test('names commands and files that are there', () => {
    const {scripts} = JSON.parse(readText('package.json'));
    const readme = readText('README.md');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['test', 'bench']));
    expect(readme).toContain('\nnpm install && npx sloth-runner run examples/demo.sloth\n');
  });
});

const book = readdirSync(new URL('docs/', root))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Where a page's links lead, as paths from the root; without what is elsewhere in the world. */
function linksOf(page: string): string[] {
  return [...readText(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => {
    return new URL(link, new URL(page, root)).pathname.slice(root.pathname.length);
  });
}

describe.concurrent('the pages', () => {
  test('have no program that is not run', () => {
    const run: Readonly<Record<string, readonly string[]>> = {
      lua: pages,
      js: nodePages,
      // test/documents/node-api.test.ts
      ts: ['README.md', 'docs/node-api.md', 'docs/sync-engine.md'],
      ...taskFilePages,
    };
    const programs = ['README.md', ...book].flatMap((page) => programsIn(page));
    // test/cli/plugins.test.ts
    const isPlugin = (page: string): boolean => page === 'docs/plugins.md';
    const missed = programs.filter(({page, language}) => !isPlugin(page) && !run[language]?.includes(page));
    expect(missed.map(({page, line, language}) => `${page}:${line} ${language}`)).toEqual([]);
  });

  test.each(['README.md', ...book])('%s leads to what is there', (page) => {
    expect(linksOf(page).filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  test('are all reached from the start page', () => {
    const linked = new Set(linksOf('docs/README.md'));
    expect(book.filter((page) => page !== 'docs/README.md' && !linked.has(page))).toEqual([]);
    expect(linksOf('README.md')).toContain('docs/README.md');
  });

  test('name every function and method there is', async () => {
    const {stdout} = await runText(
      'names.lua',
      `for _, module in ipairs({"goroutine", "channel", "go", "log"}) do
         for name in pairs(_G[module]) do print(module .. "." .. name) end
       end
       local handles = {
         ch = channel.make(), wg = goroutine.wait_group(), mu = goroutine.mutex(), n = goroutine.atomic_int(),
         h = goroutine.async(print),
       }
       for variable, handle in pairs(handles) do
         for name in pairs(debug.getmetatable(handle).__index) do print(variable .. ":" .. name) end
       end`,
    );
    const text = pages.map(readText).join('');
    // The functional forms of channel methods are named without their module.
    const missing = linesOf(stdout).filter((name) => !text.includes(name) && !text.includes(`\`${name.slice(10)}\``));
    expect(missing).toEqual([]);
  });
});

describe.concurrent('the seven conditions of the memory model', () => {
  test.each([
    ['1', 'assigns', 'local n = 0', 'n = n + 1'],
    ['1', 'assigns', 'n = 0', 'n = n + 1'],
    ['2', 'assigned-elsewhere', 'local stop = false local function set() stop = true end', 'return stop'],
    ['3', 'stores', 'local list = {}', 'list[1] = not list[1]'],
    ['3', 'stores', 'local list = {}', 'table.insert(list, true)'],
    ['3', 'stored-elsewhere', 'local ctl = {} local function set() ctl.stop = true end', 'return ctl.stop'],
    ['4', 'lock', 'local mu = goroutine.mutex()', 'mu:lock()'],
    ['5', 'uncopyable', 'local thread = coroutine.create(print)', 'return thread'],
    ['5', 'uncopyable', 'local file = io.stderr', 'file:write("x")'],
    ['5', 'uncopyable', 'local weak = setmetatable({}, {__mode = "k"})', 'return weak[1]'],
    ['6', 'size', 'local text = string.rep("x", 300 * 1024)', 'return #text'],
    ['7', 'unknown', 'local text = "return " .. os.time()', 'return load(text)()'],
    ['7', 'unknown', 'local n = 1', 'debug.setupvalue(print, n, n)'],
    ['7', 'unknown', 'local name = "print"', 'return _G[name]'],
  ])('condition %s is %s: %s; %s', async (_condition, kind, around, body) => {
    const ask = `for _, reason in ipairs(goroutine.explain(function() ${body} end).reasons) do print(reason.kind) end`;
    const {code, stdout, stderr} = await runText('ask.lua', `${around}\n${ask}`);
    expect(linesOf(stdout)).toContain(kind);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });

  test('nothing else keeps a goroutine home', async () => {
    const captured =
      'local list, ch, wg = {1, {2}}, channel.make(), goroutine.wait_group() local n = goroutine.atomic_int()';
    const body = 'for i, v in ipairs(list) do ch:send(v) n:add(i) end wg:done() print(math.random())';
    const {stdout} = await runText('ask.lua', `${captured} print(goroutine.explain(function() ${body} end))`);
    expect(stdout).toBe('parallel\n');
  });
});
