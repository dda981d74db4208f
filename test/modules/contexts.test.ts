import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it, vi} from 'vitest';
import {moment, serve} from './http/loopback.js';
import {errorWithModules, valuesWithModules} from './module-script.js';

const folder = mkdtempSync(join(tmpdir(), 'contexts-'));
afterAll(() => rmSync(folder, {recursive: true}));

const soon = 'local function soon() return (goroutine.context():with_timeout(30)) end\n';
const over = 'context deadline exceeded';

describe('a context in the place of a timeout', () => {
  it('ends requests, which break off', async () => {
    const [arrived, arrive] = moment();
    const [gone, leave] = moment();
    const url = await serve((request) => {
      request.once('close', leave);
      arrive();
    });
    const source = `${soon}
      local ctx, cancel = goroutine.context():with_cancel()
      goroutine.spawn(function() arrived() cancel() end)
      local answer, message = http.get("${url}", {timeout = ctx})
      local posted, second = http.post("${url}", "x", {timeout = {timeout = "1h", ctx = soon()}, headers = {["X-A"] = "b"}})
      local streamed, third = http.get("${url}", {timeout = soon(), stream = true})
      local saved, fourth = http.download("${url}", "${folder}/x", {timeout = soon()})
      return answer, message, posted, second, streamed, third, saved, fourth`;
    const nothing = undefined;
    expect(await valuesWithModules(source, {globals: {arrived: () => arrived}})).toEqual([
      nothing,
      'context canceled',
      nothing,
      over,
      nothing,
      over,
      nothing,
      over,
    ]);
    await gone;
    expect(readdirSync(folder)).toEqual([]);
  });

  it('changes nothing of requests that are answered in time, and of what is wrong with them', async () => {
    const url = await serve((_, response) => response.end('pears'));
    const source = `
      local ctx = goroutine.context():with_timeout(60000)
      local wrong = {pcall(http.get, "x", {timeout = ctx})}
      return http.get("${url}", {timeout = ctx}).body, http.get("${url}", {timeout = {timeout = 60, ctx = ctx}}).body, wrong[2]`;
    expect(await valuesWithModules(source)).toEqual([
      'pears',
      'pears',
      "http.get: a URL that begins with http:// or https:// expected, got 'x'",
    ]);
  });

  it('beside a timeout, whichever is over first counts', async () => {
    const url = await serve(() => {});
    const source = `return http.get("${url}/x", {timeout = {timeout = "20ms", ctx = goroutine.context():with_timeout(60000)}})`;
    expect(await valuesWithModules(source)).toEqual([undefined, `GET ${url}/x: no answer within 20ms`]);
  });

  it('ends commands, and nothing of them is left', async () => {
    const mark = `7${Math.floor(Math.random() * 1e8)}`;
    const source = `${soon}
      local r, message, failed = exec.run("sleep ${mark}; sleep ${mark}", {timeout = soon()})
      local lines, second = exec.run("sleep ${mark}", {timeout = soon(), on_stdout = print})
      local process = exec.start({"sleep", "${mark}"}, {timeout = soon()})
      local ended = process:wait()
      return r.exit_code, r.timed_out, message, failed, lines.exit_code, second, ended.exit_code, exec.run("echo hi", {timeout = goroutine.context():with_timeout(60000)}).stdout`;
    expect(await valuesWithModules(source)).toEqual([124, true, over, true, 124, over, 143, 'hi\n']);
    const left = () =>
      execFileSync('ps', ['-eo', 'args'], {encoding: 'utf8'})
        .split('\n')
        .filter((line) => line.includes(mark));
    await vi.waitFor(() => expect(left()).toEqual([]), {timeout: 20_000});
  });

  it('ends waiting for a process, which goes on', async () => {
    const source = `${soon}
      local process = exec.start({"sleep", "60"})
      local result, message = process:wait(soon())
      local running = process:is_running()
      process:kill("KILL")
      return result, message, running`;
    expect(await valuesWithModules(source)).toEqual([undefined, over, true]);
  });

  it('ends waiting for a lock, which is not taken then', async () => {
    const source = `${soon}
      state.lock("a")
      local taken, message = state.lock("a", soon())
      local ran, second = state.with_lock("a", print, {ctx = soon()})
      local late, third = state.lock("a", {timeout = "10ms", ctx = goroutine.context()})
      state.unlock("a")
      local again = state.lock("a", goroutine.context())
      return taken, message, ran, second, late, third, again, state.unlock("a"), state.with_lock("a", function() return "free" end, goroutine.context())`;
    expect(await valuesWithModules(source)).toEqual([
      false,
      over,
      undefined,
      over,
      false,
      'timeout',
      true,
      true,
      'free',
    ]);
  });

  it('ends async.timeout and async.sleep', async () => {
    const source = `${soon}
      local nothing, message = async.timeout(soon(), goroutine.sleep, 60000)
      local value = async.timeout({timeout = "1h", ctx = goroutine.context()}, function() return "in time" end)
      local slept, second = async.sleep({timeout = "1h", ctx = soon()})
      return nothing, message, value, slept, second`;
    expect(await valuesWithModules(source)).toEqual([undefined, over, 'in time', false, over]);
  });

  it('ends what takes no timeout, through goroutine.timeout', async () => {
    const source = `${soon} return goroutine.timeout(soon(), fs.watch("${folder}").events.receive, channel.make())`;
    expect(await valuesWithModules(source)).toEqual([false, over]);
  });

  it.each([
    ['http.get("http://x", {timeout = {tmeout = 1}})', "option 'timeout': there is no option 'tmeout'"],
    ['http.get("http://x", {timeout = {ctx = 1}})', "option 'ctx': context expected, got 1"],
    ['exec.run("true", {timeout = {ctx = {}}})', "option 'ctx': context expected, got table"],
    ['state.lock("a", channel.make())', 'seconds or a duration such as "10s" expected'],
  ])('that is none is an error: %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });
});
