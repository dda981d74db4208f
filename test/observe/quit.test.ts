import {expect, it} from 'vitest';
import {CommandLine} from '../cli/command-line.js';

const commandLine = new CommandLine();

it('SIGQUIT prints every goroutine to stderr, and the script goes on', async () => {
  commandLine.write(
    'wait.lua',
    `local ch = channel.make()
go.spawn(function() ch:receive() print("received") end)
repeat goroutine.sleep(5) until goroutine.stats().waiting["channel receive"]
print("ready")
local t = goroutine.now()
while goroutine.now() - t < 3000 do end
ch:send(1)`,
  );
  let asked = 0;
  const {code, stdout, stderr} = await commandLine.run(['run', 'wait.lua'], (output, kill) => {
    // Again where a busy machine gave it no time to stop.
    if (output.includes('ready') && asked < output.split('did not stop').length) {
      asked += 1;
      kill('SIGQUIT');
    }
  });
  expect(code).toBe(0);
  expect(stdout).toBe('ready\nreceived\n');
  expect(stderr).toMatch(/^\n2 goroutines on 2 islands\n\nmain goroutine 1 \[running\]/);
  expect(stderr).toMatch(/wait\.lua:\d: in main chunk/);
  expect(stderr).toMatch(/goroutine 2 \[channel receive for [\d.]+ s\]/);
});

it('SIGQUIT shows the tasks of a task file', async () => {
  commandLine.write(
    'slow.sloth',
    `task("slow"):command(function() print("ready") local t = goroutine.now() while goroutine.now() - t < 3000 do end return true end):build()`,
  );
  let asked = 0;
  const {code, stderr} = await commandLine.run(['run', '--output', 'plain', 'slow.sloth'], (output, kill) => {
    if (output.includes('ready') && asked < output.split('did not stop').length) {
      asked += 1;
      kill('SIGQUIT');
    }
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/goroutines? on \d+ islands?\n[\s\S]*slow\.sloth:1: in /);
});
