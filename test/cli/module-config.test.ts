import {describe, expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

async function run(...lines: readonly string[]): Promise<{code: number | null; stdout: string; stderr: string}> {
  line.write('tasks.sloth', `${lines.join('\n')}\n`);
  return line.shell('sloth-runner run tasks.sloth --output plain --no-journal');
}

describe('runner_config speaks to the modules of a task file:', () => {
  it('circuit_breakers by name, and default', async () => {
    const {code, stdout} = await run(
      'runner_config = {circuit_breakers = {api = {failure_threshold = 2}, default = {failure_threshold = 1}}}',
      'task("a"):command(function(this, params)',
      '  local function states(name)',
      '    flow.circuit_breaker(name, function() return false end)',
      '    return reliability.get_circuit_stats(name).state',
      '  end',
      '  print("states", states("api"), states("api"), states("other"))',
      'end)',
    );
    expect(stdout).toContain('states\tclosed\topen\topen');
    expect(code).toBe(0);
  });

  it('enable_events = false makes the event module raise', async () => {
    const {code, stdout, stderr} = await run(
      'runner_config = {enable_events = false}',
      'task("a"):command(function(this, params) event.dispatch("x", {}) end)',
    );
    expect(stdout + stderr).toContain('events are switched off: runner_config.enable_events is false');
    expect(code).not.toBe(0);
  });

  it('notifications names the channels of messages', async () => {
    const {code, stdout, stderr} = await run(
      'runner_config = {notifications = {default = {{command = "cat > sent"}}}}',
      'task("a"):command(function(this, params) notifications.send{title = "t", message = "over"} end)',
      'task("b"):depends_on("a"):command("grep -c over sent")',
    );
    expect(stderr).not.toContain('not supported yet');
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringContaining('1')});
  });

  it('utils.config tells all of it as it was written, the file before --config', async () => {
    line.write(
      'sloth.config.lua',
      'return {max_concurrency = 3, resource_limits = {max_disk = "9Gi"}, timeout_default = "7m"}',
    );
    const {code, stdout} = await run(
      'runner_config = {resource_limits = {max_memory = "8Gi"}, timeout_default = "5m"}',
      'task("a"):command(function()',
      '  local get = utils.config',
      '  print("told", get("max_concurrency"), get("resource_limits.max_memory"), get("resource_limits.max_disk", "-"), get("timeout_default"))',
      '  print("most", perf.memory().max_mb)',
      'end)',
    );
    line.write('sloth.config.lua', 'return {}');
    expect(stdout).toContain('told\t3\t8Gi\t-\t5m');
    expect(stdout).toMatch(/most\t8192(\.0)?\b/);
    expect(code).toBe(0);
  });

  it('permissions take away what they do not name, and nothing else', async () => {
    const {code, stdout} = await run(
      'runner_config = {permissions = {exec = {"true"}, write = false}}',
      'task("a"):command(function(this, params)',
      '  local function try(f, ...) local ok, problem = pcall(f, ...) return ok or problem:gsub("^.-%d+: ", "") end',
      '  print("first", exec.run({"true"}).success, (try(exec.run, {"false"})))',
      '  print("second", (try(fs.write, "x", "y")), type(fs.read("tasks.sloth")))',
      'end)',
      'task("b"):depends_on("a"):command("echo third")',
    );
    expect(stdout).toContain('first\ttrue\tstarting false is not allowed: it needs --allow-exec or --allow-exec=false');
    expect(stdout).toMatch(/second\twriting x is not allowed: it needs --allow-write .*\tstring/);
    expect(stdout).toContain('third');
    expect(code).toBe(0);
  });

  it('permissions of another kind or type are errors', async () => {
    const wrong = async (permissions: string) => {
      const {code, stderr} = await run(`runner_config = {permissions = ${permissions}}`, 'task("a"):command("true")');
      return {code, stderr};
    };
    expect(await wrong('{exe = true}')).toEqual({
      code: 3,
      stderr: expect.stringMatching(/permissions.exe.*unknown|unknown.*exe/s),
    });
    expect(await wrong('{exec = "git"}')).toEqual({
      code: 3,
      stderr: expect.stringContaining('true, false, or a list of names'),
    });
    expect(await wrong('5')).toMatchObject({code: 3});
  });
});
