import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {linesOf, loggedIn, numbered, runIn} from './run-script.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const textOf = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const examplesIn = (folder: string, extension: string) =>
  readdirSync(`${root}/${folder}`)
    .filter((name) => name.endsWith(extension) && name !== extension)
    .sort();
const runExample = (name: string, ...args: string[]) => runIn(root, [`examples/${name}`, ...args]);

describe.concurrent('the examples of the channel document', () => {
  const names = examplesIn('examples/channels', '.lua');
  const fileOf = (number: string) => names.find((name) => name.startsWith(number)) ?? number;
  const run = (number: string) => runExample(`channels/${fileOf(number)}`);

  test('there is one for each of its blocks', () => {
    expect(names.map((name) => name.slice(0, 2))).toEqual(numbered(15, (number) => String(number).padStart(2, '0')));
  });

  test.each(names)('%s has the block as it stands, or says what was adapted', (name) => {
    const text = textOf(`examples/channels/${name}`);
    const block = textOf(`test/documents/blocks/004-${name.slice(0, 2)}.lua`);
    expect(text.startsWith('-- Adapted: ') || text.includes(block)).toBe(true);
  });

  test.each(['02', '03', '04', '06', '07', '08', '09', '10', '11', '12'])('%s runs', async (number) => {
    const {code, stdout, stderr} = await run(number);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).not.toBe('');
  });

  test.each([
    ['01', ['hello', 'false', 'nil\tfalse', 'nil\tfalse']],
    ['05', ['Timeout!']],
    ['13', [...numbered(10, String), 'Closed']],
    ['14', ['a message\ttrue', 'nil\tfalse\ttimeout', 'nil\tfalse']],
  ])('%s runs, and prints what it says', async (number, lines) => {
    const {code, stdout, stderr} = await run(number);
    expect(linesOf(stdout)).toEqual(lines);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });

  test('15 runs: some jobs, then it shuts down', async () => {
    const {code, stdout, stderr} = await run('15');
    const lines = linesOf(stdout);
    expect(lines.slice(-2)).toEqual(['Worker shutting down', 'Shutdown complete']);
    expect(lines.slice(0, -2)).toEqual(numbered(lines.length - 2, (job) => `Working on\t${job}`));
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });
});

describe.concurrent('the task files among the examples', () => {
  test('each has a test here', () => {
    expect(examplesIn('examples', '.sloth')).toEqual([
      'ci_pipeline.sloth',
      'demo.sloth',
      'goroutines.sloth',
      'health_check.sloth',
      'parallel_deployment.sloth',
      'parallel_health_check.sloth',
      'process_files.sloth',
      'worker_pool.sloth',
    ]);
  });

  test('demo.sloth is the first program of the quick start', async () => {
    expect(textOf('examples/demo.sloth')).toBe(textOf('test/documents/blocks/000-01.lua'));
    const {code, stderr} = await runExample('demo.sloth');
    const logged = loggedIn(stderr);
    expect(logged.length).toBe(11);
    expect(logged.at(-1)).toBe('✅ Todas as 10 tarefas concluídas!');
    expect(code).toBe(0);
  });

  test('parallel_deployment.sloth deploys to six servers in two seconds', async () => {
    const {code, stdout, ms} = await runExample('parallel_deployment.sloth');
    const duration = /^Duration: ~(\d+) seconds$/m.exec(stdout);
    expect(stdout).toBe(`🚀 Starting parallel deployment to 6 servers...
📦 Deploying to web-01, web-02, web-03, api-01, api-02, db-01
⏳ Waiting for all deployments to complete...

📊 Deployment Results:
✅ web-01 → Deployed successfully
✅ web-02 → Deployed successfully
✅ web-03 → Deployed successfully
✅ api-01 → Deployed successfully
✅ api-02 → Deployed successfully
✅ db-01 → Deployed successfully

📈 Summary: 6 successful, 0 failed
${duration?.[0]}
`);
    expect(Number(duration?.[1])).toBeGreaterThanOrEqual(2);
    expect(Number(duration?.[1])).toBeLessThan(20);
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(2000);
  });

  test('parallel_health_check.sloth asks five services, in the order of their list', async () => {
    const {code, stdout} = await runExample('parallel_health_check.sloth');
    const lines = linesOf(stdout).map((line) => line.replace(/\d+ ms|[\d.]+ seconds/, '<time>'));
    expect(lines).toEqual([
      '🏥 Checking 5 services...',
      '✅ auth: 200 in <time>',
      '✅ billing: 200 in <time>',
      '⚠️ catalog: 503 in <time>',
      '✅ search: 200 in <time>',
      '✅ storage: 200 in <time>',
      '📈 4 of 5 healthy, checked in <time>',
    ]);
    expect(code).toBe(0);
  });

  test('worker_pool.sloth never runs more than five at a time', async () => {
    const {code, stdout} = await runExample('worker_pool.sloth', '--', '20');
    expect(linesOf(stdout).slice(0, 2)).toEqual([
      '⚙️ 50 tasks on 5 workers, 20 ms each',
      '📊 50 completed, 0 failed, at most 5 at a time',
    ]);
    expect(code).toBe(0);
  });

  test('goroutines.sloth runs seven programs in turn', async () => {
    const {code, stdout, stderr} = await runExample('goroutines.sloth');
    expect(linesOf(stdout)).toEqual([
      'hello from a goroutine',
      'the squares of 1 to 5 add up to 55',
      '12 jobs on 3 workers, 12 results',
      'true\tfast\t1',
      '1\ttrue\tfast',
      '2\ttrue\tslow',
      '3\tfalse\tout of order',
      '3 of 3 are done',
      'true\tin time',
      'stopped, and cleaned up',
      'false\ttimeout exceeded',
      'there are 168 primes up to 1000',
    ]);
    expect(stderr).toContain('✓ goroutines: 7 succeeded');
    expect(code).toBe(0);
  });

  test('ci_pipeline.sloth builds before it tests', async () => {
    const {code, stdout} = await runExample('ci_pipeline.sloth');
    const lines = linesOf(stdout);
    expect(lines[0]).toBe('🏗️ Stage 1: build');
    expect(lines.slice(1, 4).sort()).toEqual(['  backend done', '  frontend done', '  mobile done']);
    expect(lines.slice(4, 6)).toEqual(['✅ builds done', '🧪 Stage 2: tests of 3 parts']);
    expect(lines.slice(6, 10).sort()).toEqual(['  e2e done', '  integration done', '  security done', '  unit done']);
    expect(lines.slice(10)).toEqual(['✅ tests done', '🎉 ready to ship']);
    expect(code).toBe(0);
  });

  test('process_files.sloth counts lines', async () => {
    const {code, stdout, stderr} = await runExample('process_files.sloth');
    expect(linesOf(stdout)).toEqual(['file 1: 3 lines', 'file 2: 1200 lines', 'file 3: 50 lines']);
    expect(stderr).toContain('1253 lines in 3 files');
    expect(code).toBe(0);
  });

  test('process_files.sloth fails when a file cannot be read', async () => {
    const {code, stdout, stderr} = await runExample('process_files.sloth', '--', 'LICENSE', 'no such file');
    expect(linesOf(stdout)).toEqual([expect.stringMatching(/^LICENSE: \d+ lines$/), 'no such file: could not be read']);
    expect(stderr).toContain('1 of 2 files could not be read');
    expect(code).toBe(4);
  });

  test.each([
    [[], 0, '✅'],
    [['--', 'api2'], 4, '❌'],
  ])('health_check.sloth with %j ends with %d', async (args, expected, mark) => {
    const {code, stdout} = await runExample('health_check.sloth', ...args);
    expect(linesOf(stdout)).toEqual([
      '✅ https://api1.example/health',
      `${mark} https://api2.example/health`,
      '✅ https://api3.example/health',
    ]);
    expect(code).toBe(expected);
  });
});
