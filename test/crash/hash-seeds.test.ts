import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

// In which order a table gives its keys depends on the seed of the hashes of strings, and on nothing else here.
const source = `
  local function order()
    local t, keys = {}, {}
    for i = 1, 100 do t["key" .. i] = true end
    for key in pairs(t) do keys[#keys + 1] = key end
    return table.concat(keys)
  end
  print(order())
  print((select(2, goroutine.parallel(order):await())))`;

function orders(...flags: string[]): string[] {
  const {stdout} = spawnSync(process.execPath, [main, 'run', ...flags, '-'], {input: source, encoding: 'utf8'});
  return stdout.trim().split('\n');
}

test('strings hash differently in each process, so that nobody can prepare keys that collide', () => {
  const processes = [orders(), orders(), orders()];
  expect(new Set(processes.map(([first]) => first)).size).toBe(3);
  expect(processes.map((lines) => lines.length)).toEqual([2, 2, 2]);
});

test('with a seed they hash the same', () => {
  expect(orders('--seed', '7')).toEqual(orders('--seed', '7'));
});
