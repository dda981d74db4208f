import {execFile} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'types-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'sloth-runner'));
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
  symlinkSync(join(root, 'node_modules', 'undici-types'), join(folder, 'node_modules', 'undici-types'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

// What a user writes, with what must not compile.
const body = `
async function main(): Promise<void> {
  const runtime = new Runtime({workers: 2, sandbox: 'safe', clock: 'virtual', stdout: (text) => text.length});
  const [sum] = await runtime.run<[number]>('return 1');
  sum.toFixed();
  const add = await runtime.load('return ...', {signal: AbortSignal.timeout(1000)});
  const values: Sendable[] = await add.call(1, 'two', [3], {four: 4n}, new Map([[5, new Date()]]));
  const run = runtime.spawn(add, 5);
  const status: string = run.status;
  run.cancel(status);
  const channel = runtime.channel<string>(10);
  await channel.send('x', {timeoutMs: 10});
  for await (const line of channel) line.toUpperCase();
  runtime.defineModule('m', {
    async fetch(this: HostCall, url: string) { return this.signal.aborted ? 'no' : url; },
    async *rows(count: number) { for (let i = 0; i < count; i++) yield i; },
  });
  const stats: RuntimeStats = runtime.stats();
  stats.islands.toFixed();
  try { await runtime.close({deadlineMs: 10}); } catch (error) {
    if (error instanceof SlothError && error.code === 'E_TIMEOUT') console.log(error.luaTraceback?.length);
    if (error instanceof ValueError) console.log(error.path);
  }
  const fake: FakeFunction = fakeFunction().answer(1).fail(new Error('x'));
  await createTestRuntime({seed: 1, clock: 'manual'}).advance(5);
  console.log(values, fake.calls.length);
  // @ts-expect-error: a number is no source
  runtime.run(1);
  // @ts-expect-error: this channel carries strings
  channel.send(1);
  // @ts-expect-error: there is no such option
  new Runtime({worker: 1});
  // @ts-expect-error: there is no such code
  if (new SlothError('E_LUA', '').code === 'E_NOTHING') return;
  // @ts-expect-error: a symbol cannot cross
  await add.call(Symbol('s'));
  // @ts-expect-error: handles are made by the runtime
  new Run();
}
void main();
`;
const names = '{type HostCall, Run, Runtime, type RuntimeStats, type Sendable, SlothError, ValueError}';
const esm = `import ${names} from 'sloth-runner';\nimport {createTestRuntime, type FakeFunction, fakeFunction} from 'sloth-runner/testing';\n${body}`;

const projects: readonly (readonly [
  name: string,
  project: {readonly type: string; readonly file: string; readonly text: string; readonly options: object},
])[] = [
  ['ES modules, node16', {type: 'module', file: 'main.ts', text: esm, options: {module: 'node16'}}],
  ['CommonJS, node16', {type: 'commonjs', file: 'main.ts', text: esm, options: {module: 'node16'}}],
  ['both in one project, nodenext', {type: 'module', file: 'main.cts', text: esm, options: {module: 'nodenext'}}],
  ['a bundler', {type: 'module', file: 'main.ts', text: esm, options: {module: 'esnext', moduleResolution: 'bundler'}}],
];

function compile(at: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', at], {cwd: at}, (_, stdout) => resolve(stdout));
  });
}

describe('the types of the package compile for', () => {
  test.each(projects)(
    '%s',
    async (name, {type, file, text, options}) => {
      const at = join(folder, name.replaceAll(/\W/g, '-'));
      mkdirSync(at);
      writeFileSync(join(at, 'package.json'), JSON.stringify({type}));
      writeFileSync(
        join(at, file),
        text.replace(', Run,', ', type Run,').replace(/.*handles are made.*\n.*new Run.*\n/, ''),
      );
      const compilerOptions = {
        ...options,
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable'],
        types: ['node'],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: true,
      };
      writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({compilerOptions, include: [file]}));
      expect(await compile(at)).toBe('');
    },
    240_000,
  );
});
