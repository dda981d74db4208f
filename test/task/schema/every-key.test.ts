import {afterAll, describe, expect, it} from 'vitest';
import {Runtime} from '../../../lib/runtime.js';
import {formatProblem} from '../../../lib/task/problem.js';
import {prepareTaskFile} from '../../../lib/task/run-task-file.js';
import {runnerConfigKeys} from '../../../lib/task/schema/runner-config-keys.js';
import {taskAliases, taskKeys} from '../../../lib/task/schema/task-keys.js';
import {unsupportedKey} from '../../../lib/task/schema/unsupported.js';
import {stageKeys, workflowKeys} from '../../../lib/task/schema/workflow-keys.js';

/**
 * Three tests for each key of each schema: what it takes, a value of a wrong type, and a wrong use. A key without an example
 * fails here, and so does an example whose key was removed.
 */
type Examples<Keys> = Readonly<Record<keyof Keys, string>>;

const fn = 'function() end';

const taskExamples: Examples<typeof taskKeys> = {
  description: '"text"',
  tags: '{"a", "b"}',
  priority: '3',
  command: '"true"',
  depends_on: '{"other"}',
  params: '{x = 1}',
  consumes: '{"other"}',
  artifacts: '{"*.txt"}',
  timeout: '"5s"',
  retries: '3',
  run_if: fn,
  abort_if: fn,
  condition: '"params.x == 1"',
  pre_hook: fn,
  post_hook: fn,
  on_success: fn,
  on_failure: fn,
  on_timeout: fn,
  on_skip: fn,
  hooks: `{on_failure = ${fn}}`,
  async: 'true',
  circuit: '{failure_threshold = 2}',
  rate_limit: '5',
  resources: '{cpu = {request = "100m"}}',
  workdir: '"folder"',
  env: '{A = "1"}',
  user: '"nobody"',
  uses: '"other"',
  saga: `{compensate = ${fn}}`,
  compensate: fn,
  inputs: '{"*.c"}',
  outputs: '{x = 1}',
  cache: 'true',
  matrix: '{os = {"a", "b"}}',
  ...({} as Record<never, string>),
};

const workflowExamples: Examples<typeof workflowKeys> = {
  description: '"text"',
  version: '"1.0"',
  tasks: '{"other"}',
  stages: '{{name = "s", tasks = {"other"}}}',
  config: '{timeout = "5s"}',
  on_start: fn,
  on_complete: fn,
  on_success: fn,
  on_failure: fn,
  hooks: `{on_failure = ${fn}}`,
  error_handling: `{on_failure = ${fn}}`,
  resources: '{cpu = {request = "100m"}}',
  saga: `{participants = {"p"}, compensation = {p = ${fn}}}`,
  security: '{rbac = false}',
  workdir: '"folder"',
  ...({} as Record<never, string>),
};

const stageExamples: Examples<typeof stageKeys> = {
  name: '"stage"',
  tasks: '{"other"}',
  condition: '"values.x == nil || true == true"',
  saga: `{participants = {"p"}, compensation = {p = ${fn}}}`,
  max_workers: '2',
  fail_fast: 'true',
  timeout: '"5s"',
};

const configExamples: Examples<typeof runnerConfigKeys> = {
  max_concurrency: '2',
  timeout_default: '"5s"',
  retry_default: '1',
  backoff_strategy: '"linear"',
  dependency_resolution: '"streaming"',
  cycle_detection: 'true',
  lazy_loading: 'false',
  state_persistence: 'false',
  state_store: '"memory"',
  enable_rollback: 'false',
  compensation_enabled: 'false',
  checkpoint_interval: '"5s"',
  enable_events: 'false',
  plugins_enabled: 'false',
  plugin_search_paths: '{}',
  resource_limits: '{max_cpu = "2"}',
  optimization_level: '"none"',
  circuit_breakers: '{default = {failure_threshold = 2}}',
  notifications: '{default = {}}',
  permissions: '{exec = false}',
  security: '{rbac = false}',
  ...({} as Record<never, string>),
};

/** Where a key stands. */
interface Form {
  readonly kind: string;
  /** A file in which the key has this value; the key stands on line 2. */
  readonly file: (key: string, value: string) => string;
  /** Keys that take any value, or a text or function of any shape. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly examples: Readonly<Record<string, string>>;
}

const other = 'task("other"):command(function() end)\n';

const forms: readonly Form[] = [
  {
    kind: 'task',
    keys: taskKeys,
    examples: taskExamples,
    file: (key, value) => {
      const needs = key === 'condition' ? ':params{x = 1}' : '';
      const command = key === 'command' ? '' : ':command(function() end)';
      return `${other}task("t"):depends_on("other")${needs}${command}:${key}(${value})`;
    },
  },
  {
    kind: 'workflow',
    keys: workflowKeys,
    examples: workflowExamples,
    file: (key, value) => {
      const tasks = key === 'tasks' || key === 'stages' ? '' : ':tasks{"other"}';
      return `${other}workflow("w")${tasks}:${key}(${value})`;
    },
  },
  {
    kind: 'stage',
    keys: stageKeys,
    examples: stageExamples,
    file: (key, value) => {
      const tasks = key === 'tasks' ? '' : 'tasks = {"other"}, ';
      return `${other}workflow.define("w", {stages = {{${tasks}${key} = ${value}}}})`;
    },
  },
  {
    kind: 'runner_config',
    keys: runnerConfigKeys,
    examples: configExamples,
    file: (key, value) => `${other}runner_config = {${key} = ${value}}`,
  },
];

const runtime = new Runtime({workers: 1, stdout: () => {}, stderr: () => {}});
afterAll(() => runtime.close());

async function problemsIn(source: string): Promise<readonly string[]> {
  const prepared = await prepareTaskFile(runtime, {path: 'f.sloth', source, chunkName: '@f.sloth'});
  if (prepared.kind === 'ready') return [];
  if (prepared.kind !== 'invalid') throw new Error(`${source}: ${JSON.stringify(prepared)}`);
  return prepared.problems.map((problem) => formatProblem(problem).split('\n')[0] ?? '');
}

/** Any value: it is refused before, or not looked at. */
const anything = new Set(['security']);

describe.each(forms)('each key of a $kind', ({kind, keys, examples, file}) => {
  const names = Object.keys(keys);

  it('has an example here, and no other has', () => {
    expect(Object.keys(examples).sort()).toEqual([...names].sort());
  });

  it.each(names)('%s takes what it says', async (name) => {
    const on = kind === 'stage' ? 'workflow' : (kind as 'task' | 'workflow' | 'runner_config');
    const problems = await problemsIn(file(name, examples[name] ?? ''));
    // What is not there yet is refused as such.
    if (unsupportedKey(on, name) && problems.length > 0) expect(problems.join()).toMatch(/not supported/);
    else expect(problems).toEqual([]);
  });

  it.each(names.filter((name) => !anything.has(name)))(
    '%s refuses a value of a wrong type, with its line',
    async (name) => {
      const [problem = ''] = await problemsIn(file(name, 'coroutine.create(function() end)'));
      // `runner_config` is a table of the file's, whose lines nobody knows.
      expect(problem).toMatch(kind === 'runner_config' ? /^f\.sloth: / : /^f\.sloth:2: /);
      // What is not there yet is refused as such.
      if (problem.includes('is not supported yet')) expect(problem).toContain(`'${name}'`);
      else expect(problem).toMatch(new RegExp(`'${name}(\\[1\\])?' must be .*, got a thread$|'${name}\\[1\\]: `));
    },
  );

  it.each(names)('%s, misspelled, is unknown, and what was meant is said', async (name) => {
    const problems = (await problemsIn(file(`${name}x`, examples[name] ?? ''))).join('\n');
    expect(problems).toContain(`'${name}x'`);
    expect(problems).toContain(`did you mean '${name}'?`);
  });
});

describe.each(forms.filter(({kind}) => kind === 'task' || kind === 'workflow'))(
  'each method of a $kind',
  ({kind, keys, examples}) => {
    it.each(Object.keys(keys))('%s is called with a colon', async (name) => {
      const [problem = ''] = await problemsIn(`${other}local b = ${kind}("x") b.${name}(${examples[name]})`);
      expect(problem).toBe(`f.sloth:2: ${kind} 'x': write ':${name}(...)' instead of '.${name}(...)'`);
    });

    it.each(Object.keys(keys))('%s cannot be assigned', async (name) => {
      const [problem = ''] = await problemsIn(`${other}local b = ${kind}("x") b.${name} = ${examples[name]}`);
      expect(problem).toBe(`f.sloth:2: ${kind} 'x': set it with ':${name}(...)'`);
    });
  },
);

describe('each older name of a method', () => {
  it.each(Object.entries(taskAliases))('%s is %s', async (alias, name) => {
    const example = taskExamples[name];
    const command = name === 'command' ? '' : ':command(function() end)';
    expect(await problemsIn(`task("t")${command}:${alias}(${example})`)).toEqual([]);
    const [problem = ''] = await problemsIn(`task("t")${command}:${alias}(coroutine.create(print))`);
    expect(problem).toMatch(/^f\.sloth:1: /);
  });
});
