// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of task files.
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {usageOfGroup} from '../../lib/util/group-usage.js';
import {outcomesOf, problemsOf, runText, story, type TestOptions} from './task-file.js';

/** Each method, key and form of task files by what it does. Waiting takes no time here. */

const ok = 'command = function() end';

async function told(text: string, options: TestOptions = {}, kinds?: RegExp): Promise<string[]> {
  return story((await runText(text, options)).events, kinds);
}

const ends = /^(succeeded|failed|skipped|cancelled|cached) (?!(?:w|test)$)/;
const starts = /^started /;

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'task-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

describe('retries', () => {
  const failing = (retries: string): string => `task("a"):command(function() return false end):retries(${retries})`;

  test.each([
    ['2', [1000, 2000]],
    ['3, "fixed"', [1000, 1000, 1000]],
    ['3, "linear"', [1000, 2000, 3000]],
    ['3, "exponential"', [1000, 2000, 4000]],
    ['{max_attempts = 3, strategy = "fixed", delay = "24h", max_delay = "48h"}', [86_400_000, 86_400_000]],
    ['{max_attempts = 4, delay = 1, backoff_multiplier = 3}', [1000, 3000, 9000]],
    ['{max_attempts = 3, delay = "4m"}', [240_000, 300_000]],
    ['{max_attempts = 1}', []],
  ])('(%s) wait as they say', async (retries, delays) => {
    const lines = await told(failing(retries), {virtual: true}, /^retrying/);
    expect(lines).toEqual(delays.map((delay) => `retrying a in ${delay}`));
  });

  test('with jitter are spread around the delay', async () => {
    const file = failing('{max_attempts = 3, strategy = "fixed", jitter = 0.2}');
    expect(await told(file, {virtual: true, random: () => 0}, /^retrying/)).toEqual([
      'retrying a in 800',
      'retrying a in 800',
    ]);
    expect(await told(file, {virtual: true, random: () => 1}, /^retrying/)).toEqual([
      'retrying a in 1200',
      'retrying a in 1200',
    ]);
  });

  test('give the place to others while they wait', async () => {
    const file = `
local n = 0
task("a"):retries(1):command(function(this) return this.attempt == 2 end)
task("b"):command(function() end)`;
    expect(await told(file, {virtual: true, maxParallel: 1}, /^(started|succeeded) [ab]/)).toEqual([
      'started a 1',
      'started b 1',
      'succeeded b',
      'started a 2',
      'succeeded a',
    ]);
  });

  test('come from runner_config where a task says nothing', async () => {
    const file = `runner_config = {retry_default = 2, backoff_strategy = "linear"}\ntask("a"):command(function() return false end)`;
    expect(await told(file, {virtual: true}, /^retrying/)).toEqual(['retrying a in 1000', 'retrying a in 2000']);
  });
});

describe('timeouts', () => {
  test('end an attempt, and the next one begins', async () => {
    const file = 'task("a"):timeout("10m"):retries(1):command(function() goroutine.sleep(86400000) end)';
    const {outcome, events} = await runText(file, {virtual: true});
    expect(story(events, /^failed a/)).toEqual(['failed a']);
    expect(outcome).toMatchObject({
      workflows: [{tasks: [{attempts: 2, outcome: {failure: {kind: 'timeout', message: 'timed out after 10m00s'}}}]}],
    });
  });

  test('of runner_config hold for tasks that say nothing', async () => {
    const file = 'runner_config = {timeout_default = "1s"}\ntask("a"):command(function() goroutine.sleep(5000) end)';
    expect(await outcomesOf(file, {virtual: true})).toEqual({a: 'failed: timed out after 1.0s'});
  });

  test('leave no process behind', async () => {
    const file = `task("a"):timeout("300ms"):command("echo $$ > ${folder}/pid; sleep 1000 & sleep 1000")`;
    expect(await outcomesOf(file)).toEqual({a: 'failed: timed out after 300ms'});
    const group = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(usageOfGroup(group).processes).toBe(0);
  });

  test('kill what does not end when it is asked to', async () => {
    const file = `task("a"):timeout("300ms"):command("trap '' TERM; echo $$ > ${folder}/pid; while true; do sleep 1; done")`;
    expect(await outcomesOf(file)).toEqual({a: 'failed: timed out after 300ms'});
    const group = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(usageOfGroup(group).processes).toBe(0);
  });
});

describe('the memory limit of a command line', () => {
  const limited = (limit: string, command: string): string =>
    `task("a"):resources{memory = {limit = "${limit}"}}:command("${command}")`;

  test('ends its whole process group when that has more in memory', async () => {
    // A shell variable of 64 MiB, in a subshell.
    const grow = `echo $$ > ${folder}/pid; (x=$(head -c 67108864 /dev/zero | tr '\\\\0' x); sleep 1000) & wait`;
    expect(await outcomesOf(limited('32Mi', grow))).toEqual({
      a: "failed: the command had more in memory than the 32 MiB of 'resources.memory.limit'",
    });
    expect(usageOfGroup(Number(await readFile(join(folder, 'pid'), 'utf8'))).processes).toBe(0);
  });

  test('lets one that stays below it end by itself', async () => {
    expect(await outcomesOf(limited('1Gi', 'sleep 0.2'))).toEqual({a: 'succeeded'});
  });
});

describe('conditions before a task', () => {
  test.each([
    ['run_if(function() return true end)', 'succeeded'],
    ['run_if(function() end)', 'skipped'],
    ['run_if(function(params) return params.x == 1 end)', 'succeeded'],
    ['run_if("test -d /")', 'succeeded'],
    ['run_if("test -f /nowhere")', 'skipped'],
    ['run_if("params.x == 1")', 'succeeded'],
    ['run_if("params.x ~= 1 || values.y")', 'skipped'],
    ['condition("!(params.x > 1) && params.x >= 1")', 'succeeded'],
    ['abort_if(function() return true, "no disk" end)', 'failed: aborted: no disk'],
    ['abort_if("params.x == 1")', 'failed: aborted: "params.x == 1" is true'],
    ['abort_if("false")', 'succeeded'],
    ['run_if(function() error("broken", 0) end)', 'failed: broken'],
  ])('%s', async (method, outcome) => {
    expect(await outcomesOf(`task("a"):params{x = 1}:command(function() end):${method}`)).toEqual({a: outcome});
  });

  test('are all asked', async () => {
    const file = 'task("a"):command(function() end):run_if("true"):run_if("false")';
    expect(await outcomesOf(file)).toEqual({a: 'skipped'});
  });
});

describe('hooks of a task', () => {
  const hooks = `
  :pre_hook(function(this, params) print("pre", this.name, params.x) end)
  :post_hook(function(this, params, output) print("post", output and output.n) end)
  :on_success(function(this, params, output) print("success", output.n) end)
  :on_failure(function(this, params, err)
    print("failure", err.message, tostring(err), "" .. err, err.error, err.task, err.kind, err.attempts)
  end)
  :on_timeout(function(this, params, reason) print("timeout", reason) end)
  :on_skip(function(this, params, reason) print("skip", reason) end)`;

  test('are called in order when it succeeds', async () => {
    const {output} = await runText(`task("a"):params{x = 1}:command(function() return true, "m", {n = 2} end)${hooks}`);
    expect(output).toBe('pre\ta\t1\npost\t2\nsuccess\t2\n');
  });

  test('are called once after the last attempt fails', async () => {
    const {output} = await runText(`task("a"):retries(1):command(function() return false, "no" end)${hooks}`, {
      virtual: true,
    });
    expect(output).toBe('pre\ta\tnil\npost\tnil\nfailure\tno\tno\tno\tno\ta\terror\t2\n');
  });

  test('tell of a timeout', async () => {
    const {output} = await runText(`task("a"):timeout(1):command(function() goroutine.sleep(5000) end)${hooks}`, {
      virtual: true,
    });
    expect(output).toContain('timeout\ttimed out after 1.0s\n');
    expect(output).toContain('failure\ttimed out after 1.0s');
  });

  test('tell of a skipped task', async () => {
    const {output} = await runText(`task("a"):run_if("false"):command(function() end)${hooks}`);
    expect(output).toBe('skip\t"false" is false\n');
  });

  test('in a table have names, get the context, and may be command lines', async () => {
    const file = `
task{name = "a", command = function() return false, "no" end, hooks = {on_failure = {
  function(this, params, err) print("first", err.message) end,
  {name = "second", command = function(ctx) print("second", ctx.task, ctx.error.message) end},
  {name = "third", command = "echo third"},
  {name = "fourth", command = function() error("broken", 0) end},
}}}`;
    const {output, events} = await runText(file);
    expect(output).toBe('first\tno\nsecond\ta\tno\nthird\n');
    expect(story(events, /^hook/)).toEqual(['hook fourth: broken']);
  });

  test('under their old names are the same', async () => {
    const file = `task{name = "a", run = function() return false end, on_fail = function() print("f") end,
      pre_exec = function() print("pre") end, post_exec = function() print("post") end}`;
    expect((await runText(file)).output).toBe('pre\npost\nf\n');
  });
});

describe('parameters, texts and environment', () => {
  test('are filled into command lines as variables, never as code', async () => {
    const file = `task("a"):params{x = "a b; echo no $HOME"}:command("printf '%s|' \${params.x} \\"-\${params.x}-\\" '$\${params.x}'")`;
    const {output} = await runText(file, {environment: {...process.env, params: 'p'}});
    expect(output).toBe('a b; echo no $HOME|-a b; echo no $HOME-|${params.x}|');
  });

  test('are text where it is asked for', async () => {
    const file = 'task("a"):command("echo ${values.flags|raw}")';
    expect((await runText(file, {values: {flags: '-n x'}})).output).toBe('x');
  });

  test('come from values, the environment and outputs of dependencies', async () => {
    const file = `
task("a"):command(function() return {list = {"x", "y"}} end)
task("b"):depends_on("a"):env{E = "\${values.v}-\${env.OUTER}"}:command('echo "\${deps.a.list.2}" $E')`;
    const {output} = await runText(file, {values: {v: 7}, environment: {...process.env, OUTER: 'o'}});
    expect(output).toBe('y 7-o\n');
  });

  test('from the command line come before those of a task', async () => {
    const file = 'task("a"):params{x = 1, y = 2}:command(function(params) print(params.x, params.y) end)';
    expect((await runText(file, {params: {x: 5}})).output).toBe('5\t2\n');
  });

  test('that no task reads are an error', async () => {
    expect(await problemsOf('task("a"):params{xyz = 1}:command("true")', {params: {xzy: 1}})).toEqual([
      "--param: no task reads the parameter 'xzy' (did you mean 'xyz'?)",
    ]);
  });

  test.each([
    ["'${params.x}'", 'stands in single quotes'],
    ['`echo ${params.x}`', 'stands in backticks'],
    ['$(echo ${params.x})', 'stands in a command substitution'],
    ['true # ${params.x}', 'stands in a comment'],
    ['cat <<X\n${params.x}\nX\n', 'stands in a here-document'],
  ])('cannot stand where they would become code: %s', async (line, problem) => {
    const found = await problemsOf(`task("a"):params{x = 1}:command([[${line}]])`);
    expect(found).toEqual([expect.stringContaining(problem)]);
  });

  test('values are frozen, and what is missing can be asked for', async () => {
    const file = `
task("a"):command(function() print(values.a.b, values.need("a.b"), pcall(function() values.x = 1 end)) print(pcall(values.need, "a.c")) end)`;
    const {output} = await runText(file, {values: {a: {b: 1}}});
    expect(output).toMatch(/^1\t1\tfalse\t.*values\.x cannot be set/);
    expect(output).toContain("the value 'a.c' is missing: give it with --set a.c=...");
  });

  test('a workdir is relative to the file, and made', async () => {
    const file = 'task("a"):workdir("sub/${params.x}"):params{x = "dir"}:command("pwd > here")';
    expect(await outcomesOf(file, {path: join(folder, 'test.sloth')})).toEqual({a: 'succeeded'});
    expect(await readFile(join(folder, 'sub/dir/here'), 'utf8')).toContain('/sub/dir\n');
  });
});

describe('outputs', () => {
  test('are merged from export and outputs', async () => {
    const file = `
task("a"):outputs{b = 2, text = "\${params.p}"}:params{p = "q"}:command(function() export{c = 3} return {a = 1} end)
task("b"):depends_on("a"):command(function(params, deps) print(deps.a.a, deps.a.b, deps.a.c, deps.a.text) end)`;
    expect((await runText(file)).output).toBe('1\t2\t3\tq\n');
  });

  test('that are files are handed on', async () => {
    const file = `
task("a"):workdir("one"):artifacts("out/*.txt"):command("mkdir -p out; echo x > out/a.txt; echo y > out/b.log")
task("b"):workdir("two"):depends_on("a"):consumes("a"):command("ls out")`;
    expect((await runText(file, {path: join(folder, 'test.sloth')})).output).toBe('a.txt\n');
  });

  test('that are missing files fail the task', async () => {
    const path = join(folder, 'test.sloth');
    expect(await outcomesOf('task("a"):artifacts("*.none"):command("true")', {path, workdir: folder})).toEqual({
      a: "failed: no file of 'a' matches its artifacts '*.none'",
    });
    const named = 'task("a"):command(function() return {artifacts = {"missing"}} end)';
    expect(await outcomesOf(named, {path, workdir: folder})).toEqual({
      a: "failed: the artifact 'missing' that 'a' names is not there",
    });
  });
});

describe('order', () => {
  test('goes by priority among those that may start', async () => {
    const file = `
task("a"):command(function() end)
task("b"):priority(5):command(function() end)
task("c"):priority(9):command(function() end)`;
    expect(await told(file, {maxParallel: 1}, starts)).toEqual(['started a 1', 'started c 1', 'started b 1']);
  });

  test('is that of the plan when it is asked for', async () => {
    const config = 'runner_config = {dependency_resolution = "topological"}\n';
    const file = `${config}task("a"):command(function() end) task("b"):priority(5):command(function() end)`;
    expect(await told(file, {maxParallel: 4}, starts)).toEqual(['started a 1', 'started b 1']);
  });

  test('lets those start whose requests fit', async () => {
    const file = `
local function work() goroutine.sleep(100) end
task("a"):resources{cpu = {request = "600m"}}:command(work)
task("b"):resources{cpu = {request = "600m"}}:command(work)
task("c"):resources{cpu = {request = "300m"}}:command(work)`;
    const machine = {cpu: 1, memoryBytes: 1e9};
    expect(await told(file, {maxParallel: 9, machine}, /^(started|succeeded)/)).toEqual([
      'started a 1',
      'started c 1',
      expect.stringMatching(/succeeded [ac]/),
      ...(await Promise.resolve([
        expect.stringMatching(/succeeded [ac]|started b/),
        expect.any(String),
        'succeeded b',
      ])),
    ]);
  });

  test('never starts what asks for more than there is', async () => {
    expect(await problemsOf('task("a"):resources{memory = {request = "900Ti"}}:command("true")')).toEqual([
      expect.stringMatching(/task 'a' asks for 900 TiB of memory, and the machine has .*: it could never start/),
    ]);
  });

  test('keeps a rate', async () => {
    const file = 'task("a"):rate_limit(0.1):retries(2, "fixed"):command(function() return false end)';
    const {events} = await runText(file, {virtual: true});
    const times = events.flatMap((event) => (event.kind === 'task.started' ? [Math.round(event.at / 1000)] : []));
    expect(times).toEqual([0, 10, 20]);
  });

  test('a breaker stops attempts until it has recovered', async () => {
    const file = `task("a"):retries{max_attempts = 4, strategy = "fixed", delay = "1m"}
      :circuit{failure_threshold = 2, recovery_timeout = "90s"}:command(function() return false, "down" end)`;
    expect(await told(file, {virtual: true}, /^(started|circuit|failed a)/)).toEqual([
      'started a 1',
      'started a 2',
      'circuit opened task:a',
      'started a 4',
      'failed a',
    ]);
  });
});

describe('after a failure', () => {
  const file = (config: string): string => `
task("bad"):command(function() goroutine.sleep(10) return false end)
task("long"):command(function() goroutine.sleep(400) end)
task("later"):depends_on("long"):command(function() end)
workflow("w"):tasks{"bad", "long", "later"}${config}`;

  test.each([
    ['', {bad: 'failed: the task returned false', long: 'succeeded', later: 'skipped'}],
    [
      ':config{on_task_failure = "stop"}',
      {bad: 'failed: the task returned false', long: 'succeeded', later: 'skipped'},
    ],
    [':config{fail_fast = false}', {bad: 'failed: the task returned false', long: 'succeeded', later: 'succeeded'}],
    [
      ':config{on_task_failure = "continue"}',
      {bad: 'failed: the task returned false', long: 'succeeded', later: 'succeeded'},
    ],
    [':config{fail_fast = true}', {bad: 'failed: the task returned false', long: 'cancelled', later: 'cancelled'}],
    [
      ':config{on_task_failure = "kill"}',
      {bad: 'failed: the task returned false', long: 'cancelled', later: 'cancelled'},
    ],
  ])('others go on as the workflow says%s', async (config, expected) => {
    expect(await outcomesOf(file(config), {maxParallel: 4})).toEqual(expected);
  });
});

describe('stages', () => {
  test('run in order, all of one before the next', async () => {
    const file = `workflow.define("w", {stages = {
      {name = "one", tasks = {a = {${ok}}, b = {${ok}}}},
      {tasks = {{name = "c", ${ok}}}},
    }})`;
    const lines = await told(file, {maxParallel: 1}, /^(stage|succeeded)/);
    expect(lines).toEqual([
      'stage one',
      'succeeded one.a',
      'succeeded one.b',
      'stage one succeeded',
      'stage stage 2',
      'succeeded c',
      'stage stage 2 succeeded',
    ]);
  });

  test('without a condition are skipped after a failure; with one, it alone decides', async () => {
    const file = `workflow.define("w", {stages = {
      {name = "one", tasks = {a = function() return false end}},
      {name = "two", tasks = {b = {${ok}}}},
      {name = "three", condition = "one.failed && two.skipped", tasks = {c = {${ok}}}},
      {name = "four", condition = "one.success", tasks = {d = {${ok}}}},
    }})`;
    expect(await outcomesOf(file)).toEqual({
      'one.a': 'failed: the task returned false',
      'two.b': 'skipped',
      'three.c': 'succeeded',
      'four.d': 'skipped',
    });
  });

  test('with a when run a branch first, or instead', async () => {
    const file = (value: boolean): string => `
task("yes"):command(function() end) task("no"):command(function() end)
workflow.define("w", {stages = {
  {name = "one", condition = when("${value}"):then("yes"):else("no"), tasks = {a = {${ok}}}},
}})`;
    expect(await told(file(true), {}, ends)).toEqual(['succeeded yes', 'succeeded one.a', 'skipped no']);
    expect(await told(file(false), {}, ends)).toEqual(['succeeded no', 'skipped one.a', 'skipped yes']);
  });

  test('may be a chain, or parallel within limits', async () => {
    const file = `
for _, name in ipairs{"a", "b", "c"} do task(name):command(function() goroutine.sleep(100) end) end
workflow.define("w", {stages = {{name = "s", tasks = FORM}}})`;
    const chained = await told(file.replace('FORM', 'chain{"c", "b", "a"}'), {maxParallel: 4}, /^(started|succeeded)/);
    expect(chained).toEqual(['started c 1', 'succeeded c', 'started b 1', 'succeeded b', 'started a 1', 'succeeded a']);
    const limited = await told(
      file.replace('FORM', 'workflow.parallel({"a", "b", "c"}, {max_workers = 1})'),
      {maxParallel: 4},
      /^(started|succeeded)/,
    );
    expect(limited).toEqual(['started a 1', 'succeeded a', 'started b 1', 'succeeded b', 'started c 1', 'succeeded c']);
  });

  test('out of time are cancelled', async () => {
    const file = `workflow.define("w", {stages = {{name = "s", timeout = "100ms", tasks = {a = function() goroutine.sleep(60000) end}}}})`;
    expect(await outcomesOf(file)).toEqual({'s.a': 'cancelled'});
  });

  test('need not wait for tasks that are async', async () => {
    const file = `
task("slow"):async(true):command(function() goroutine.sleep(300) end)
workflow.define("w", {stages = {{name = "one", tasks = {"slow"}}, {name = "two", tasks = {b = {${ok}}}}}})`;
    expect(await told(file, {maxParallel: 4}, /^(succeeded|completed)/)).toEqual([
      'succeeded two.b',
      'succeeded slow',
      'completed w',
    ]);
  });

  test('a chain goes on by a condition after a failure', async () => {
    const file = `
task("build"):command(function() return false end)
task("tell"):command(function() end) task("ship"):command(function() end)
workflow("w"):tasks(chain{"build", when("build.failed"):then("tell"):else("ship")})`;
    expect(await outcomesOf(file)).toEqual({
      build: 'failed: the task returned false',
      tell: 'succeeded',
      ship: 'skipped',
    });
  });
});

describe('sagas', () => {
  const step = (name: string, more = ''): string =>
    `task("${name}"):command(function() end):compensate(function(ctx) print("undo ${name}", ctx.workflow) ${more} end)\n`;

  test('are undone newest first when something later fails', async () => {
    const file = `${step('a')}${step('b')}task("c"):command(function() return false end)
workflow("w"):tasks(chain{"a", "b", "c"})`;
    const {output, events} = await runText(file);
    expect(output).toBe('undo b\tw\nundo a\tw\n');
    expect(story(events, /^(compensation|failed)/)).toEqual([
      'failed c',
      'compensation started b/b',
      'compensation done b/b',
      'compensation started a/a',
      'compensation done a/a',
      'failed w',
    ]);
  });

  test('that cannot be undone leave the run to somebody, and the others still run', async () => {
    const file = `${step('a')}${step('b', 'error("broken", 0)')}task("c"):command(function() return false end)
workflow("w"):tasks(chain{"a", "b", "c"})`;
    const {outcome, output} = await runText(file);
    expect(output).toBe(`${'undo b\tw\n'.repeat(3)}undo a\tw\n`);
    expect(outcome).toMatchObject({
      workflows: [
        {
          needsAttention: true,
          compensations: [
            {participant: 'b', success: false, attempts: 3, message: 'broken'},
            {participant: 'a', success: true},
          ],
        },
      ],
    });
  });

  test('are left alone when the runner says so', async () => {
    const file = `runner_config = {compensation_enabled = false}\n${step('a')}task("c"):command(function() return false end)
workflow("w"):tasks(chain{"a", "c"})`;
    const {outcome, output, events} = await runText(file);
    expect(output).toBe('');
    expect(story(events, /^compensation/)).toEqual(['compensation omitted a/a']);
    expect(outcome).toMatchObject({workflows: [{needsAttention: true}]});
  });

  test('are undone back to a checkpoint', async () => {
    const file = `${step('a')}${step('b')}
task("mark"):command(function() task.checkpoint("here", {n = 1}) end)
task("c"):command(function() print(rollback.execute("here")) print(rollback.execute("nowhere")) end)
workflow("w"):tasks(chain{"a", "mark", "b", "c"})`;
    const {output, events} = await runText(file);
    expect(output).toMatch(/^undo b\tw\ntrue\ttable: .*\nnil\tno checkpoint 'nowhere' to roll back to\n$/);
    expect(story(events, /^rollback/)).toEqual(['rollback b/b']);
    expect((await runText(`runner_config = {enable_rollback = false}\n${file}`)).outcome).toMatchObject({
      success: false,
    });
  });

  test('may be begun inside a task', async () => {
    const file = `
task("a"):command(function()
  local kept, undone = saga.begin("kept"), saga.begin("undone")
  saga.compensate(kept, function() print("never") end)
  saga.commit(kept)
  saga.compensate(undone, function() print("undone 1") end)
  saga.compensate(undone, function() print("undone 2") end)
  return false
end)`;
    expect((await runText(file)).output).toBe('undone 2\nundone 1\n');
  });

  test('complain of compensations for nobody', async () => {
    const file = `workflow.define("w", {stages = {{name = "s", tasks = {a = {${ok}}},
      saga = {participants = {"db"}, compensation = {bd = function() end}}}}})`;
    expect(await problemsOf(file)).toEqual([
      "test.sloth:1: stage 's': 'saga.compensation.bd': 'bd' is no participant (did you mean 'db'?)",
    ]);
  });
});

describe('checkpoints', () => {
  test('are there again in the next attempt', async () => {
    const file = `task("a"):retries(1):command(function(this)
      if this.checkpoint then print(this.checkpoint.name, this.checkpoint.data.n) return true end
      task.checkpoint("half", {n = 5}) return false
    end)`;
    expect((await runText(file, {virtual: true})).output).toBe('half\t5\n');
  });
});

describe('groups, templates and matrices', () => {
  test('a group puts its name in front', async () => {
    const file = `
group "g" {task "a" {${ok}}, task "b" {${ok}, depends_on = {"a"}}}
task("c"):depends_on("g"):command(function() end)`;
    expect(await told(file, {maxParallel: 1}, ends)).toEqual(['succeeded g.a', 'succeeded g.b', 'succeeded c']);
  });

  test('uses takes what the task does not say itself', async () => {
    const file = `
local base = {description = "from base", command = function(params) print(params.x, params.y) end, params = {x = 1, y = 2}}
task("a"):uses(base):params{y = 3}
task "b" {uses = "a", params = {x = 4}}`;
    expect((await runText(file, {maxParallel: 1})).output).toBe('1\t3\n4\t3\n');
  });

  test('a matrix makes a task for each combination', async () => {
    const file = `
task("t"):matrix{os = {"linux", "mac"}, node = {20, 22}, exclude = {{os = "mac", node = 20}}, include = {{os = "bsd", node = 18}}}
  :command(function(params) print(params.os, params.node) end)
task("all"):depends_on("t"):command(function(params, deps) end)`;
    expect(await told(file, {maxParallel: 1}, ends)).toEqual([
      'succeeded t[20,linux]',
      'succeeded t[22,linux]',
      'succeeded t[22,mac]',
      'succeeded t[18,bsd]',
      'succeeded all',
    ]);
  });

  test('imports define tasks, once, and return what they return', async () => {
    await writeFile(join(folder, 'lib.sloth'), 'print("read") task("a"):command(function() end) return {n = 7}');
    const file =
      'local lib = import("lib.sloth") import("./lib.sloth") task("b"):depends_on("a"):command(function() end) print(lib.n)';
    const {output, outcome} = await runText(file, {path: join(folder, 'test.sloth')});
    expect(output).toBe('read\n7\n');
    expect(outcome).toMatchObject({success: true, workflows: [{tasks: [{task: 'a'}, {task: 'b'}]}]});
  });

  test('templates ship with the product', async () => {
    const file = 'local node = import("sloth:node") task("t"):uses(node.test):command("echo own")';
    expect((await runText(file)).output).toBe('own\n');
    expect((await runText('import("sloth:nod")')).outcome).toMatchObject({
      report: {message: expect.stringContaining("did you mean 'sloth:node'?")},
    });
  });
});

describe('in a running task', () => {
  test('chain, parallel and when run functions', async () => {
    const file = `task("a"):command(function()
      local results, errors = parallel{one = function() return 1 end, bad = function() error("no", 0) end}
      print(results.one, errors.bad:match("^no"))
      local list, problem = chain{function() return "x" end, function() error("stop", 0) end, function() print("never") end}
      print(#list, problem)
      print(workflow.parallel({function() return 5 end}, {max_workers = 1})[1])
      print(when(true):then(function() return "yes" end):else(function() return "no" end).result)
      print(parallel{"echo out"}[1].success)
    end)`;
    expect((await runText(file)).output).toBe('1\tno\n1\tstop\n5\nyes\nout\ntrue\n');
  });

  test('what defines raises', async () => {
    const file = 'task("a"):command(function() return task("b") end)';
    expect(await outcomesOf(file)).toEqual({
      a: expect.stringContaining('task defines; it works while a task file is read'),
    });
  });

  test('a temporary folder is there until the end', async () => {
    const file = `task{name = "a", command = function(ctx) print(ctx.temp_directory) end}`;
    const {output} = await runText(file);
    await expect(readFile(output.trim())).rejects.toThrow('ENOENT');
    const kept = (await runText(file, {keepTemp: true})).output.trim();
    await expect(readFile(kept)).rejects.toThrow('EISDIR');
    await rm(kept, {recursive: true});
  });
});
