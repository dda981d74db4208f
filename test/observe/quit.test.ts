import {expect, it} from 'vitest';
import {CommandLine} from '../cli/command-line.js';

const commandLine = new CommandLine();

it('SIGQUIT prints every goroutine to stderr, and the script goes on', async () => {
  commandLine.write(
    'wait.lua',
    `local ch = channel.make()
go.spawn(function() ch:receive() print("received") end)
goroutine.sleep(20)
print("ready")
local t = goroutine.now()
while goroutine.now() - t < 3000 do end
ch:send(1)`,
  );
  let quit = false;
  const {code, stdout, stderr} = await commandLine.run(['run', 'wait.lua'], (output, kill) => {
    if (!quit && output.includes('ready')) {
      quit = true;
      kill('SIGQUIT');
    }
  });
  expect(code).toBe(0);
  expect(stdout).toBe('ready\nreceived\n');
  expect(stderr).toMatch(
    /^\n2 goroutines on 2 islands\n\nmain goroutine 1 \[running\][\s\S]*wait\.lua:\d: in main chunk/,
  );
  expect(stderr).toMatch(/goroutine 2 \[channel receive for [\d.]+ s\]/);
});

it('SIGQUIT shows the tasks of a task file', async () => {
  commandLine.write(
    'slow.sloth',
    `task("slow"):command(function() print("ready") local t = goroutine.now() while goroutine.now() - t < 3000 do end return true end):build()`,
  );
  let quit = false;
  const {code, stderr} = await commandLine.run(['run', 'slow.sloth'], (output, kill) => {
    if (!quit && output.includes('ready')) {
      quit = true;
      kill('SIGQUIT');
    }
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/goroutines? on \d+ islands?\n[\s\S]*slow\.sloth:1: in /);
});
