/** `require` in a goroutine reads what stands under that name, which others may replace. */
import {expect, test} from 'vitest';
import {runLua} from './run-lua.js';

const replaced = (replace: string, name = 'cfg', use = '.v') => `
  local go_on, out, key = channel.make(), channel.make(), '${name}'
  package.loaded.cfg = {v = 'first'}
  go.spawn(function() go_on:receive() out:send(require('${name}')${use}) end)
  local function later() ${replace} go_on:send(true) end
  later()
  print((out:receive()))`;

test.each([
  ['by its name', replaced("package.loaded.cfg = {v = 'second'}")],
  ['by a computed name', replaced("package.loaded[key] = {v = 'second'}")],
  ['by rawset', replaced("rawset(package.loaded, key, {v = 'second'})")],
  ['through another name of the table', replaced("local l = package.loaded l.cfg = {v = 'second'}")],
  [
    "when it is one of Lua's",
    replaced("package.loaded.math = {floor = function() return 'second' end}", 'math', '.floor(1)'),
  ],
])('a module that is replaced after the start is seen replaced: %s', async (_how, program) => {
  const ran = await runLua(program);
  expect(ran).toMatchObject({kind: 'succeeded', message: '', out: ['second']});
});

test('a function that was put among the modules is followed where it is required', async () => {
  const ran = await runLua(`
    local t, go_on, out = {v = 'first'}, channel.make(), channel.make()
    package.loaded.changes = {run = function() end}
    go.spawn(function() go_on:receive() out:send(t.v) end)
    local function later()
      package.loaded.changes = {run = function() t.v = 'second' end}
      require('changes').run()
      go_on:send(true)
    end
    later()
    print((out:receive()))`);
  expect(ran).toMatchObject({kind: 'succeeded', message: '', out: ['second']});
});

test.each([
  ['that nobody calls', 'local function later() package.loaded[key] = {} end', ''],
  ['that puts a module there before the start', '', 'package.loaded[key] = {}'],
  ['that puts another module there', 'local function later() package.loaded.other = {} end', 'defer(later)'],
])('code that stores into package.loaded keeps nobody home: code %s', async (_what, definition, before) => {
  const ran = await runLua(`
    local key, t = 'some' .. 'thing', {x = 1}
    package.loaded.cfg = {v = 1}
    ${definition}
    ${before}
    print(goroutine.explain(function() return math.floor(t.x) + require('cfg').v + #require('string').rep('a', 3) end))`);
  expect(ran).toMatchObject({kind: 'succeeded', message: '', out: ['parallel']});
});
