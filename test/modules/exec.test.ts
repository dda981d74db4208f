import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it, vi} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from './module-script.js';

const folder = mkdtempSync(join(tmpdir(), 'exec-'));
afterAll(() => rmSync(folder, {recursive: true}));

/** The processes of the machine with this text on their command line. */
function processesWith(mark: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
}

const gone = (mark: string) => vi.waitFor(() => expect(processesWith(mark)).toEqual([]), {timeout: 20_000});

let lastMark = 0;
/** A command that runs for a time no test waits for, with children, and can be found. */
function longCommand(): {mark: string; command: string} {
  lastMark += 1;
  const mark = `${7000 + lastMark}.${process.pid}`;
  return {mark, command: `sleep ${mark} & sleep ${mark} | cat; wait`};
}

describe('exec.run', () => {
  it('gives what a command wrote and how it ended', async () => {
    const source = `
      local r, err, failed = exec.run("echo out; echo err >&2")
      return r.stdout, r.stderr, r.exit_code, r.success, r.output, err, failed`;
    expect(await valuesWithModules(source)).toEqual(['out\n', 'err\n', 0, true, 'out\n', undefined, false]);
  });

  it('tells failures by what was written, or else by the exit code', async () => {
    const source = `
      local r, err, failed = exec.run("echo no such thing >&2; exit 3")
      local quiet, quiet_err = exec.run("exit 4")
      local killed, killed_err = exec.run("kill -9 $$")
      return r.success, r.exit_code, err, failed, quiet_err, killed.exit_code, killed_err`;
    expect(await valuesWithModules(source)).toEqual([
      false,
      3,
      'no such thing',
      true,
      'exit code 4',
      137,
      'killed by SIGKILL',
    ]);
  });

  it('can be used as the text that was written', async () => {
    const source = `
      local r = exec.run("echo hello world")
      return "<" .. r .. ">", r .. "!", r:match("w%w+"), tostring(r), #r, r:upper(), r:lines(), exec("printf hi").stdout`;
    expect(await valuesWithModules(source)).toEqual([
      '<hello world\n>',
      'hello world\n!',
      'world',
      'hello world\n',
      12,
      'HELLO WORLD\n',
      ['hello world'],
      'hi',
    ]);
  });

  it('runs a list without a shell: nothing in it is code', async () => {
    const source = 'return exec.run({"printf", "[%s]", "a b", "; echo hacked", "$(id)", "*", 5, ""}).stdout';
    expect(await valuesWithModules(source)).toEqual(['[a b][; echo hacked][$(id)][*][5][]']);
  });

  it('takes options', async () => {
    const source = `
      local r = exec.run("pwd; echo $COLOR $HOME_$KEEP; cat", {workdir = ..., env = {COLOR = "red", KEEP = false}, stdin = "in\\0put"})
      return r.stdout, exec.run("echo $0", {shell = "/bin/sh"}).stdout`;
    const options = {args: [folder], env: {...process.env, KEEP: 'x'}};
    expect(await valuesWithModules(source, options)).toEqual([`${folder}\nred\nin\0put`, '/bin/sh\n']);
  });

  it('inherits the environment', async () => {
    expect(
      await valuesWithModules('return exec.run("echo $FRUIT").stdout', {env: {...process.env, FRUIT: 'pear'}}),
    ).toEqual(['pear\n']);
  });

  it('hands lines on as they come, in the goroutine that called', async () => {
    const source = `
      local seen, me = {}, goroutine.id()
      local r = exec.run("echo 1; echo two >&2; printf rest", {
        on_stdout = function(line) seen[#seen + 1] = "out " .. line .. tostring(goroutine.id() == me) end,
        on_stderr = function(line) seen[#seen + 1] = "err " .. line end,
      })
      table.sort(seen)
      return seen, r.stdout, r.stderr`;
    expect(await valuesWithModules(source)).toEqual([['err two', 'out 1true', 'out resttrue'], '1\nrest', 'two\n']);
  });

  it('ends the command when a listener raises', async () => {
    const {mark, command} = longCommand();
    const source = `exec.run("echo go; ${command}", {on_stdout = function() error("enough", 0) end})`;
    expect(await errorWithModules(source)).toBe('enough');
    await gone(mark);
  });

  it('keeps every byte of a large output', async () => {
    const source =
      'local r = exec.run("head -c 5000000 /dev/zero; yes | head -n 1000000 >&2") return #r.stdout, #r.stderr';
    expect(await valuesWithModules(source)).toEqual([5_000_000, 2_000_000]);
  });

  it('ends the whole group when its time is over', async () => {
    const {mark, command} = longCommand();
    const source = `
      local r, err, failed = exec.run("echo begun; ${command}", {timeout = "200ms"})
      return r.stdout, r.exit_code, r.timed_out, err, failed`;
    expect(await valuesWithModules(source)).toEqual(['begun\n', 124, true, 'not done after 200ms', true]);
    await gone(mark);
  });

  it('ends the whole group when its goroutine is cancelled', async () => {
    const {mark, command} = longCommand();
    const source = `return goroutine.timeout(300, exec.run, "${command}")`;
    expect(await valuesWithModules(source)).toEqual([false, 'timeout exceeded']);
    await gone(mark);
  });

  it('ends a group that ignores being asked', async () => {
    const {mark} = longCommand();
    const source = `return (goroutine.timeout(300, exec.run, "trap '' TERM; sleep ${mark}; sleep ${mark}"))`;
    expect(await valuesWithModules(source)).toEqual([false]);
    await gone(mark);
  });

  it('ends everything when the runtime is closed', async () => {
    const {mark, command} = longCommand();
    await runWithModules(`go.spawn(exec.run, "${command}") goroutine.sleep(200)`, {noWait: true});
    await gone(mark);
  });

  it('fails like a shell where there is no such program or directory', async () => {
    const source = `
      local r, err, failed = exec.run({"no-such-program-here"})
      local _, nowhere = exec.run({"true"}, {workdir = "/no/such/place"})
      return r.exit_code, err, failed, nowhere, exec.run("no-such-program-here").exit_code`;
    expect(await valuesWithModules(source)).toEqual([
      127,
      'no-such-program-here: not found',
      true,
      'true: not found, or there is no directory /no/such/place',
      127,
    ]);
  });

  it('can be called inside pcall, coroutines and by a hundred goroutines at once', async () => {
    const source = `
      local ok, r = pcall(exec.run, "echo 1")
      local co = coroutine.wrap(function() return exec.run("echo 2").stdout end)
      return ok, r.stdout, co()`;
    expect(await valuesWithModules(source)).toEqual([true, '1\n', '2\n']);
    const numbers = Array.from({length: 100}, (_, i) => String(i + 1));
    expect(await valuesWithModules(hundredTimes('return exec.run({"printf", i}).stdout'))).toEqual([numbers]);
  });

  it.each([
    ['a command that is none', 'exec.run(5)', "bad argument #1 to 'exec.run' (string or list expected, got number)"],
    [
      'an option there is not',
      'exec.run("true", {cwd = "/"})',
      "there is no option 'cwd'; known: workdir, env, timeout, stdin, shell, on_stdout and on_stderr",
    ],
    ['an empty list', 'exec.run({})', 'command: a list begins with the name of a program'],
    ['a list of tables', 'exec.run({"ls", {}})', 'command: string expected at 2 of the list, got table'],
    ['a zero byte', 'exec.run({"ls", "a\\0b"})', 'command: a zero byte stands in 2 of the list'],
    [
      'a timeout that is none',
      'exec.run("true", {timeout = "soon"})',
      'timeout: a number of seconds or a duration such as "10s" expected, got "soon"',
    ],
    [
      'an environment that is none',
      'exec.run("true", {env = "A=1"})',
      "option 'env': a table of names and values expected, got string",
    ],
    [
      'a variable that is none',
      'exec.run("true", {env = {["A=B"] = "1"}})',
      'option \'env\': "A=B" is no name of a variable',
    ],
    [
      'a shell for a list',
      'exec.run({"true"}, {shell = "sh"})',
      "option 'shell' is for command lines; a list runs without a shell",
    ],
  ])('refuses %s', async (_, source, message) => {
    const problem = await errorWithModules(source);
    expect(problem).toContain(message);
    expect(problem).toMatch(/^script:1: /);
  });
});

describe('exec.start', () => {
  it('gives a process with channels of its lines', async () => {
    const source = `
      local p = exec.start({"sh", "-c", "echo one; echo two; echo oops >&2; exit 2"})
      local lines = {}
      for line in p.stdout:range() do lines[#lines + 1] = line end
      local err = p.stderr:receive()
      local r, problem, failed = p:wait()
      return lines, err, r.exit_code, problem, failed, p:is_running(), p:kill(), math.type(p.pid)`;
    expect(await valuesWithModules(source)).toEqual([
      ['one', 'two'],
      'oops',
      2,
      'exit code 2',
      true,
      false,
      false,
      'integer',
    ]);
  });

  it('writes to it, also from another goroutine', async () => {
    const source = `
      local p = exec.start("tr a-z A-Z", {stdin = true})
      local h = goroutine.parallel(function() p:write("hello\\n") p:close_stdin() return p:wait().success end)
      local line = p.stdout:receive()
      local ok, success = h:await()
      return line, ok, success`;
    expect(await valuesWithModules(source)).toEqual(['HELLO', true, true]);
  });

  it('waits for a time, and ends it', async () => {
    const {mark, command} = longCommand();
    const source = `
      local p = exec.start("${command}")
      local r, why = p:wait("50ms")
      local running, sent = p:is_running(), p:kill("KILL")
      return r, why, running, sent, p:wait().exit_code, pcall(p.kill, p, "NO")`;
    const [nothing, why, running, sent, code, ok, problem] = await valuesWithModules(source);
    expect([nothing, why, running, sent, code, ok]).toEqual([undefined, 'timeout', true, true, 137, false]);
    expect(problem).toContain("there is no signal 'NO'");
    await gone(mark);
  });

  it('ends with the run that started it', async () => {
    const {mark, command} = longCommand();
    expect(await valuesWithModules(`return exec.start("${command}"):is_running()`)).toEqual([true]);
    await gone(mark);
  });

  it('loses no line of much output', async () => {
    const source = `
      local p = exec.start("seq 1 200000")
      local n, sum = 0, 0
      for line in p.stdout:range() do n = n + 1 sum = sum + tonumber(line) end
      return n, sum`;
    expect(await valuesWithModules(source)).toEqual([200_000, 20_000_100_000]);
  });
});

describe('permission to run programs', () => {
  const only = (exec: readonly string[]) => ({permissions: new Permissions({exec})});

  it('is needed, and the refusal names the flag', async () => {
    const options = {permissions: new Permissions()};
    expect(await errorWithModules('exec.run("true")', options)).toBe(
      'script:1: starting sh is not allowed: it needs --allow-exec or --allow-exec=sh',
    );
    expect(await errorWithModules('exec.start({"git"})', options)).toContain(
      'it needs --allow-exec or --allow-exec=git',
    );
  });

  it('of a program is not one of the shell', async () => {
    expect(await valuesWithModules('return exec.run({"printf", "1"}).stdout', only(['printf']))).toEqual(['1']);
    expect(await errorWithModules('exec.run("printf 1")', only(['printf']))).toContain('--allow-exec=sh');
  });

  it('cannot be turned into another by the environment or the working directory', async () => {
    writeFileSync(join(folder, 'printf'), '#!/bin/sh\ntouch hacked\n', {mode: 0o755});
    const source = `return pcall(exec.run, {"printf", "1"}, {env = {PATH = "${folder}"}})`;
    const [ok, problem] = await valuesWithModules(source, only(['printf']));
    expect(ok).toBe(false);
    expect(problem).toContain('setting PATH needs --allow-exec for every program');
    await valuesWithModules('return exec.run({"printf", "1"}, {workdir = ...}).stdout', {
      args: [folder],
      ...only(['printf']),
    });
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });
});
