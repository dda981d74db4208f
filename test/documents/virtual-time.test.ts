/** How long the programs of the documents take, exactly: on a virtual clock, which `--timeout` goes by, too. */
import {readFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {blockText, type Driver, linesOf, runText} from './run-script.js';

interface Timed extends Driver {
  readonly number: string;
  /** Seconds. */
  readonly least?: number;
  readonly most: number;
}

const servers = 'servers = {"web-01", "web-02", "web-03", "api-01", "api-02", "db-01"}';

const blocks: readonly Timed[] = [
  // A timeout that was not needed holds nothing open.
  {number: '000-10', most: 0.1},
  {number: '001-05', replace: {' ... ': ' '}, least: 0.99, most: 1.01},
  {number: '002-02', before: `${servers} function deploy_to(s) goroutine.sleep(2000) end`, least: 1.99, most: 2.01},
  {number: '002-03', before: 'function process_item(i) goroutine.sleep(100) end', least: 0.99, most: 1.01},
  {number: '004-02', least: 0.99, most: 1.01},
  {number: '004-03', least: 1.99, most: 2.3},
  {number: '004-04', least: 1.99, most: 2.01},
  {number: '004-05', least: 0.99, most: 1.01},
];

describe.concurrent('on a virtual clock', () => {
  test.each(blocks)('block $number ends before $most s', async ({number, most, ...driver}) => {
    const text = await blockText(number, driver);
    const {code, stderr} = await runText('block.lua', text, ['--virtual-time', '--timeout', `${most}`]);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });

  test.each(blocks.filter(({least}) => least !== undefined))(
    'block $number goes on for longer than $least s',
    async ({number, least, ...driver}) => {
      const text = await blockText(number, driver);
      const {code} = await runText('block.lua', text, ['--virtual-time', '--timeout', `${least}`]);
      expect(code).toBe(124);
    },
  );

  // Stands in for the tasks of a task file: what `command` is given runs at once.
  const task =
    'local function task() local t t = {description = function() return t end, command = function(_, f) f(t) return t end} return t end';

  test.each([
    ['parallel_deployment', [], 'Duration: ~2 seconds'],
    ['parallel_health_check', ['5000'], '📈 4 of 5 healthy, checked in 5.0 seconds'],
    ['worker_pool', ['5000'], 'Duration: ~50.0 seconds'],
  ] as const)('%s takes as long as it says', async (name, args, last) => {
    const text = await readFile(new URL(`../../examples/${name}.sloth`, import.meta.url), 'utf8');
    const words = args.length > 0 ? ['--', ...args] : [];
    const {code, stdout, stderr} = await runText(`${name}.lua`, `${task} ${text}`, ['--virtual-time'], words);
    expect(linesOf(stdout).at(-1)).toBe(last);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });
});
