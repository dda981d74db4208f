import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, onTestFinished, test} from 'vitest';
import {exitCode} from '../../lib/cli/exit-code.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const program = fileURLToPath(new URL('monkey.lua', import.meta.url));

// The seed in the message of a failure, as SLOTH_MONKEY_SEED, repeats it.
const first = Number(process.env['SLOTH_MONKEY_SEED'] ?? Date.now() % 1_000_000);

// The program may break itself: with debug.setupvalue it can lose its globals, or make a loop of the library's own code, and
// then it fails, waits for ever or is stopped.
const {luaError, deadlock, timeout} = exitCode;

test.each([0, 1, 2])('no call with random arguments crashes or hangs (seed %i behind the first)', (offset) => {
  const seed = String(first + offset);
  const words = [main, 'run', '--timeout', '15s', program, '--', seed, '1500'];
  const cwd = mkdtempSync(join(tmpdir(), 'monkey-')); // it writes files
  onTestFinished(() => rmSync(cwd, {recursive: true, force: true}));
  const ended = spawnSync(process.execPath, words, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  });
  const {status, signal, stdout} = ended;
  expect({seed, status, signal}).toEqual({
    seed,
    status: expect.toBeOneOf([0, luaError, deadlock, timeout]),
    signal: null,
  });
  if (status === 0) expect(stdout).toMatch(/^\d+ calls$/m);
});

test('a library table the program drops stays where it is needed', () => {
  const source = `
    local channel, go, loaded, collect = channel, go, package.loaded, collectgarbage
    local print, pcall, assert, pairs = print, pcall, assert, pairs
    debug.setmetatable("", nil)
    for name in pairs(loaded) do if name ~= "_G" then loaded[name] = nil _G[name] = nil end end
    for i = 1, 5 do collect() end
    local results = channel.make(3)
    go.spawn(function() results:send(print) end)
    go.spawn(function(f) results:send(f) end, pcall)
    assert(results:receive() and results:receive())`;
  const ended = spawnSync(process.execPath, [main, 'run', '-'], {input: source, encoding: 'utf8', timeout: 60_000});
  expect(ended).toMatchObject({status: 0, signal: null, stderr: ''});
});
