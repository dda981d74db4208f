import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {problemsOf, runText, story, type TaskFileRun, type TestOptions} from './task-file.js';

/** The programs of the document about the task runner, core and language, run as they stand. */

const blocks = join(import.meta.dirname, '../documents/blocks');

async function block(name: string): Promise<string> {
  return readFile(join(blocks, `${name}.lua`), 'utf8');
}

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seed-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

// Commands that note how they were called, and fail where a file `fail-NAME` says how often.
async function commandsOnPath(names: readonly string[]): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const name of names) {
    const script = `#!/bin/sh\necho "$(basename "$0") $*" >> ${folder}/calls\ntest ! -f "${folder}/fail-$(basename "$0")" && test ! -f "${folder}/fail-$(basename "$0")-$1"\n`;
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  return `${bin}:${process.env['PATH']}`;
}

async function calls(): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

const ends = /^(succeeded|failed|skipped|cancelled|stage|checkpoint|compensation|rollback|retrying|hook|completed) /;

describe('003-01, a task and a workflow', () => {
  // The block's `{...}` stands for code; with something in its place it parses.
  const mended = async (): Promise<string> => (await block('003-01')).replace('{...}', '{"dist/app"}');

  test('says where the code is that `...` stands for', async () => {
    const {outcome} = await runText(await block('003-01'));
    expect(outcome).toMatchObject({
      kind: 'unreadable',
      report: {
        kind: 'syntax',
        message: expect.stringMatching(/^test\.sloth:6: cannot use '\.\.\.' outside a vararg function/),
      },
    });
  });

  test('names what is not defined, each with its line, and runs nothing', async () => {
    const found = await problemsOf(await mended());
    const unknown = found.map((line) => /^test\.sloth:(\d+): .* unknown task '(\w+)'/.exec(line)?.slice(1));
    expect(unknown).toEqual([
      ['8', 'prepare_environment'],
      ['8', 'install_dependencies'],
      ['19', 'setup_workspace'],
      ['19', 'validate_environment'],
      ['23', 'run_tests'],
      ['23', 'security_scan'],
    ]);
  });

  test('runs its stages in order once they are', async () => {
    const names =
      'prepare_environment install_dependencies setup_workspace validate_environment run_tests security_scan';
    const driver = names
      .split(' ')
      .map((name) => `task("${name}"):command(function() return true end):build()\n`)
      .join('');
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'dist/app'), '');
    const {events, outcome} = await runText(driver + (await mended()), {workdir: folder});
    expect(outcome).toMatchObject({kind: 'finished', success: true});
    const told = story(events, /^(started|succeeded) /);
    const comesFirst = (first: string, second: string): void => {
      expect(told.indexOf(first)).toBeGreaterThanOrEqual(0);
      expect(told.indexOf(first)).toBeLessThan(told.indexOf(second));
    };
    comesFirst('succeeded setup_workspace', 'started validate_environment 1');
    comesFirst('succeeded prepare_environment', 'started build_application 1');
    comesFirst('succeeded install_dependencies', 'started build_application 1');
    for (const name of ['build_application', 'run_tests', 'security_scan']) {
      comesFirst('succeeded validate_environment', `started ${name} 1`);
    }
  });
});

describe('003-02, a pipeline with stages, conditions and a saga', () => {
  const standIns = `
exec = {run = function(line) local _, _, code = os.execute(line) return {success = code == 0, exit_code = code, stdout = "", stderr = ""} end}
flow = {circuit_breaker = function(_, f) return f() end}
perf = {measure = function(f) return f(), 1.5 end}
notifications = {send = function() return true end}
local try = {try = function(f, catch) local ok, result = pcall(f) if ok then return result end return catch(result) end}
debug.setmetatable(error, {__index = function(f, key) if f == error then return try[key] end end})
task("deploy_staging"):command("deploy")
task("notify_failure"):command("notify")
`;

  async function pipeline(failing: readonly string[], options: TestOptions = {}): Promise<TaskFileRun> {
    const PATH = await commandsOnPath(['npm', 'go', 'kubectl', 'migrate', 'deploy', 'notify']);
    for (const name of failing) await writeFile(join(folder, `fail-${name}`), '');
    const text = standIns + (await block('003-02'));
    const environment = {...process.env, PATH};
    const earlier = process.env['PATH'];
    process.env['PATH'] = PATH;
    try {
      return await runText(text, {allowUnsupported: true, environment, ...options});
    } finally {
      process.env['PATH'] = earlier;
    }
  }

  test('refuses what it promises and cannot hold', async () => {
    expect(await problemsOf(standIns + (await block('003-02')))).toEqual([
      expect.stringMatching(
        /^test\.sloth:\d+: workflow 'advanced_cicd': 'security\.rbac' is not supported yet; --allow-unsupported/,
      ),
      expect.stringMatching(/'security\.secrets' is not supported yet; --allow-unsupported/),
    ]);
  });

  test('(a) all succeed', async () => {
    const {events, outcome} = await pipeline([]);
    expect(outcome).toMatchObject({kind: 'finished', success: true});
    const told = story(events, ends);
    expect(told.slice(0, 3).sort()).toEqual(['stage build', 'succeeded build.backend', 'succeeded build.frontend']);
    expect(told.slice(3)).toEqual([
      'stage build succeeded',
      'stage test',
      'checkpoint post_tests',
      'succeeded test.unit_tests',
      'stage test succeeded',
      'stage deploy',
      'succeeded deploy_staging',
      'skipped notify_failure',
      'stage deploy succeeded',
      'completed advanced_cicd',
    ]);
  });

  test('(b) the tests fail twice: a notification, nothing to undo', async () => {
    const {events, outcome} = await pipeline(['go-test']);
    expect(outcome).toMatchObject({kind: 'finished', success: false});
    expect(story(events, ends).slice(4)).toEqual([
      'stage test',
      'checkpoint post_tests',
      'retrying test.unit_tests in 1000',
      'checkpoint post_tests',
      'failed test.unit_tests',
      'stage test failed',
      'succeeded notify_failure',
      'skipped deploy_staging',
      'stage deploy skipped',
      'rollback ',
      'failed advanced_cicd',
    ]);
  });

  test('(c) the deployment fails: its participants are undone, newest first', async () => {
    const {events, outcome} = await pipeline(['deploy']);
    expect(outcome).toMatchObject({kind: 'finished', success: false});
    expect(story(events, ends).slice(4)).toEqual([
      'stage test',
      'checkpoint post_tests',
      'succeeded test.unit_tests',
      'stage test succeeded',
      'stage deploy',
      'failed deploy_staging',
      'skipped notify_failure',
      'stage deploy failed',
      'compensation started deployment_coordinator/database',
      'compensation done deployment_coordinator/database',
      'compensation started deployment_coordinator/kubernetes',
      'compensation done deployment_coordinator/kubernetes',
      'rollback ',
      'failed advanced_cicd',
    ]);
    expect(await calls()).toEqual(expect.arrayContaining(['migrate down', 'kubectl rollout undo deployment/app']));
  });

  test('(d) the build fails: the tests are skipped, a notification', async () => {
    const {events} = await pipeline(['npm']);
    expect(story(events, /^(stage|failed|skipped|succeeded|compensation)/)).toEqual(
      expect.arrayContaining([
        'stage build failed',
        'stage test skipped',
        'stage deploy skipped',
        'succeeded notify_failure',
      ]),
    );
    expect(await calls()).toContain('notify ');
    expect(story(events, /^compensation/)).toEqual([]);
  });
});

describe('003-03, data in batches', () => {
  // 10,000 rows in batches of a thousand; batch 3 may be broken.
  const standIns = (broken: boolean): string => `
perf = {memory = function() return {usage_percent = 40} end}
flow = {circuit_breaker = function(_, f) return f() end, rate_limit = function(_, f) return f() end}
data = {
  batches = function(_, size)
    local id = 0
    return function()
      id = id + 1
      if id > 10 then return nil end
      local items = {}
      for row = 1, size do items[row] = row end
      return {id = id, items = items}
    end
  end,
  transform = function(batch) if ${broken} and batch.id == 3 then return nil, "record 7 is no record" end return "json" end,
}
fs = {remove_recursive = function(path) print("removed", path ~= nil) return true end}
`;
  const params = {input_file: 'in.csv', output_file: 'out.json'};

  test('processes all of them, with one checkpoint', async () => {
    const {outcome, events} = await runText(standIns(false) + (await block('003-03')), {params});
    expect(outcome).toMatchObject({
      success: true,
      workflows: [
        {
          tasks: [
            {
              outcome: {
                message: 'Processing completed successfully',
                value: {processed_count: 10_000, output_file: 'out.json'},
              },
            },
          ],
        },
      ],
    });
    expect(story(events, /^checkpoint/)).toEqual(['checkpoint batch_10000']);
  });

  test('tries three times, and cleans up after the last', async () => {
    const {outcome, events, output} = await runText(standIns(true) + (await block('003-03')), {params});
    expect(outcome).toMatchObject({
      success: false,
      workflows: [{tasks: [{attempts: 3, outcome: {failure: {message: 'Processing completed with errors'}}}]}],
    });
    expect(story(events, /^(checkpoint|retrying)/)).toEqual([
      'retrying data_processing_pipeline in 1000',
      'retrying data_processing_pipeline in 2000',
    ]);
    expect(output.match(/removed\ttrue/g)).toHaveLength(1);
  });
});

describe('003-04, the configuration of the runner', () => {
  const program = 'task("a"):command(function() end)\n';

  test('names what cannot be kept, and runs without it when it may', async () => {
    const text = (await block('003-04')) + program;
    const refused = (await problemsOf(text)).join('\n');
    for (const key of ['state_encryption', 'security.enable_rbac', 'security.require_tls', 'lazy_loading']) {
      expect(refused).toContain(key);
    }
    const {outcome, events} = await runText(text, {allowUnsupported: true});
    expect(outcome).toMatchObject({kind: 'finished', success: true});
    const warned = story(events, /^warning/).join('\n');
    for (const key of ['enable_metrics', 'enable_tracing', 'metrics_interval', 'state_encryption']) {
      expect(warned).toContain(key);
    }
    expect(warned).not.toContain('checkpoint_interval');
    expect(warned).not.toContain('resource_limits');
  });
});
