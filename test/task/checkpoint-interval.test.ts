import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {type ExecutionStore, noStore} from '../../lib/task/index.js';
import {CommandLine} from '../cli/command-line.js';
import {outcomesOf, problemsOf, runText, story} from './task-file.js';

const folder = mkdtempSync(join(tmpdir(), 'sloth-state-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

// A store that notes each state, with the attempt it is of, and touches the file of that state's `n`.
function watched(): {readonly store: ExecutionStore; readonly saved: string[]} {
  const saved: string[] = [];
  const stateSaved: ExecutionStore['stateSaved'] = ({task, attempt}, state) => {
    const {n} = state as {n?: number};
    // Read before the function set anything.
    if (n === undefined) return;
    const entries = Object.entries(state as object).sort(([a], [b]) => (a < b ? -1 : 1));
    saved.push(`${task} ${attempt} ${JSON.stringify(Object.fromEntries(entries))}`);
    writeFileSync(join(folder, String(n)), '');
  };
  return {store: {...noStore, stateSaved}, saved};
}

const often = 'runner_config = {checkpoint_interval = "2ms"}';
const helpers = `local function is_saved(n)
  local file = io.open("${folder}/" .. n)
  if file then file:close() return os.remove("${folder}/" .. n) end
end
local function wait_for(n) while not is_saved(n) do goroutine.sleep(1) end end`;

test('this.state of a running task is written down again and again', async () => {
  const {store, saved} = watched();
  const file = `${often} ${helpers}
    task("a"):command(function(this)
      for n = 1, 3 do
        this.state.n, this.state.list = n, {of = {n}}
        wait_for(n)
      end
    end)`;
  expect((await runText(file, {store})).outcome).toMatchObject({success: true});
  expect([...new Set(saved)]).toEqual([1, 2, 3].map((n) => `a 1 {"list":{"of":[${n}]},"n":${n}}`));
});

test('it is read only while the function waits', async () => {
  const {store, saved} = watched();
  const file = `${often} ${helpers}
    task("a"):command(function(this)
      this.state.n, this.state.half = 1, true
      local done = goroutine.now() + 50
      while goroutine.now() < done do end
      this.state.half = nil
      wait_for(1)
    end)`;
  await runText(file, {store});
  expect(new Set(saved)).toEqual(new Set(['a 1 {"n":1}']));
});

test('without an interval nothing is written down', async () => {
  const {store, saved} = watched();
  await runText('task("a"):command(function(this) this.state.n = 1 goroutine.sleep(20) end)', {store});
  expect(saved).toEqual([]);
});

test('another attempt begins with what was written down last', async () => {
  const {store} = watched();
  const file = `${often} ${helpers}
    task("a"):retries(1, "fixed"):retries{max_attempts = 2, delay = "1ms"}:command(function(this)
      print(this.attempt, this.state.n)
      if this.attempt == 2 then return true end
      this.state.n = 7
      wait_for(7)
      error("failed")
    end)`;
  const {output} = await runText(file, {store});
  expect(output).toBe('1\tnil\n2\t7\n');
});

test('a task that is stuck for ever still fails', async () => {
  const file = `${often} task("a"):command(function(this) channel.make():receive() end)`;
  expect((await outcomesOf(file))['a']).toContain('deadlock');
});

test('a state that cannot be read is said once, and the task goes on', async () => {
  const {store, saved} = watched();
  const file = `${often} ${helpers}
    task("a"):command(function(this)
      this.state.n, this.state.inner = 1, {co = coroutine.create(print)}
      goroutine.sleep(60)
      this.state.inner = nil
      wait_for(1)
    end)`;
  const {events, outcome} = await runText(file, {store});
  expect(outcome).toMatchObject({success: true});
  const warnings = story(events, /^warning/);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("task 'a': this.state cannot be kept: ");
  expect(warnings[0]).toContain("field 'inner.co' of value 1: a coroutine cannot reach the host");
  expect(new Set(saved)).toEqual(new Set(['a 1 {"n":1}']));
});

test('a store that cannot write it ends the run', async () => {
  const store: ExecutionStore = {...noStore, stateSaved: () => Promise.reject(new Error('disk full'))};
  const file = `${often} task("a"):command(function(this) goroutine.sleep(60000) end)`;
  await expect(runText(file, {store})).rejects.toThrow('disk full');
});

test.each([
  ['0', "'checkpoint_interval' must be a duration above 0, got 0"],
  ['"soon"', "'checkpoint_interval' must be a duration"],
])('an interval of %s is an error', async (interval, message) => {
  const file = `runner_config = {checkpoint_interval = ${interval}} task("a"):command("true")`;
  expect((await problemsOf(file)).join()).toContain(message);
});

const line = new CommandLine();

test.each(['sqlite', 'log'])('after a kill -9 a resumed run has it again: %s', async (journal) => {
  line.write(
    'tasks.sloth',
    `runner_config = {checkpoint_interval = "20ms"}
     task("a"):command(function(this)
       if this.interrupted then print("again", this.state.word, this.state.n > 0) return true end
       this.state.word, this.state.n = "kept", 0
       while true do
         this.state.n = this.state.n + 1
         print("tick")
         goroutine.sleep(10)
       end
     end)`,
  );
  rmSync(join(line.folder, '.sloth'), {recursive: true, force: true});
  const env = {SLOTH_JOURNAL: journal};
  // Killed once the journal has it.
  const killed = await line.run(
    ['run', 'tasks.sloth', '--output', 'plain'],
    (_, kill) => {
      if (journalText(join(line.folder, '.sloth')).includes('"word"')) kill('SIGKILL');
    },
    env,
  );
  expect(killed.code).toBe(null);
  const resumed = await line.run(['run', 'tasks.sloth', '--resume', '--output', 'plain'], undefined, env);
  expect(resumed).toMatchObject({code: 0, stdout: expect.stringContaining('again\tkept\ttrue')});
});

function journalText(folder: string): string {
  try {
    const files = readdirSync(folder, {recursive: true, withFileTypes: true}).filter((item) => item.isFile());
    return files.map(({parentPath, name}) => readFileSync(join(parentPath, name), 'latin1')).join('');
  } catch {
    return '';
  }
}
