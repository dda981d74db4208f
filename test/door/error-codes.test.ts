import {readFileSync} from 'node:fs';
import {afterAll, describe, expect, test, vi} from 'vitest';
import {ExitError, LuaError, Runtime, SlothError, UncaughtError, ValueError} from '../../lib/index.js';
import {loadNative} from '../../lib/native/load.js';
import {loadWorkflows, TaskFileError} from '../../lib/task/index.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const source = read('lib/util/sloth-error.ts');
const runtime = new Runtime({workers: 1, stderr: () => {}, memoryLimitBytes: 1 << 24});
afterAll(() => runtime.close());

const rows = [...read('docs/errors.md').matchAll(/^\| `(E_\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
const documented = rows.map(([, code = '']) => code);
const [union = ''] = /export type ErrorCode =[^;]+;/.exec(source) ?? [];
const known = [...union.matchAll(/'(E_\w+)'/g)].map(([, code = '']) => code);

describe('the codes of errors', () => {
  test('are documented, each with its cure, where the class and the documents say', () => {
    expect(known.length).toBeGreaterThan(10);
    expect(documented).toEqual(known);
    expect([...source.matchAll(/^ \* \| `(E_\w+)` \|/gm)].map(([, code]) => code)).toEqual(known);
    for (const [, , , what = '', cure = ''] of rows) expect([what.length > 10, cure.length > 10]).toEqual([true, true]);
  });

  const spoil = Symbol('s') as never;
  const thrown: Readonly<Record<string, () => unknown>> = {
    E_LUA: () => runtime.run('error("x")'),
    E_MEMORY: () => runtime.run('return ("x"):rep(1 << 28)'),
    E_SYNTAX: () => runtime.run('return ('),
    E_TIMEOUT: () => runtime.run('goroutine.sleep(60000)', {timeoutMs: 1}),
    E_ABORTED: () => runtime.run('return 1', {signal: AbortSignal.abort()}),
    E_CLOSED: async () => {
      const closed = new Runtime({workers: 1});
      await closed.close();
      return closed.run('return 1');
    },
    E_DEADLOCK: () => runtime.run('channel.make():receive()'),
    E_VALUE: () => runtime.run('return ...', {args: [spoil]}),
    E_EXIT: () => runtime.run('os.exit(3)'),
    E_UNCAUGHT: () => runtime.run('go.spawn(error, "lost")'),
    E_FILE: () => runtime.runFile('/nowhere.lua'),
    E_TASK_FILE: () => loadWorkflows('x.sloth', {source: 'task("a")'}),
    E_NATIVE_LOAD: () => {
      vi.stubEnv('SLOTH_RUNNER_BINARY', '/nowhere.node');
      try {
        return loadNative();
      } finally {
        vi.unstubAllEnvs();
      }
    },
  };
  const classes: Readonly<Record<string, new (...args: never[]) => Error>> = {
    E_LUA: LuaError,
    E_EXIT: ExitError,
    E_UNCAUGHT: UncaughtError,
    E_VALUE: ValueError,
    E_TASK_FILE: TaskFileError,
  };

  test.each(known)('%s is thrown as an error of the one base class', async (code) => {
    const error: unknown = await (async () => thrown[code]?.())().then(
      () => 'nothing was thrown',
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(SlothError);
    expect(error).toBeInstanceOf(classes[code] ?? SlothError);
    expect((error as SlothError).code).toBe(code);
  });
});
