import {type ModuleDeclaration, timeLimit} from '../declaration.js';
import lua from './exec.lua';

const results = 'result: exec_result, error: nil, failed: false | result: exec_result, error: string, failed: true';
const command = 'command: string | string[]';

/** Running programs. */
export const exec: ModuleDeclaration = {
  name: 'exec',
  functions: [
    {
      name: 'run',
      arguments: `${command}, options?: {workdir?: string, env?: table, timeout?: ${timeLimit}, stdin?: string, shell?: string, on_stdout?: function, on_stderr?: function}`,
      results,
      summary:
        'Runs a command line through the shell, or a list of a program and its arguments without one, and waits for its end.',
      units: 's',
      errors: 'raises when the program may not be started, and when it writes more than 256 MiB',
      since: '1.0',
      permission: 'allow-exec',
      inLua: true,
      callsArguments: true,
      example: `local result, problem = exec.run({"printf", "%s", "a; b"})
print(result.stdout, result.exit_code, result.success, problem) --> a; b 0 true nil
local _, problem, failed = exec.run("echo no >&2; exit 3")
print(problem, failed) --> no true`,
    },
    {
      name: 'start',
      arguments: `${command}, options?: {workdir?: string, env?: table, timeout?: ${timeLimit}, stdin?: string | true, shell?: string}`,
      results: 'process: process',
      summary: 'Starts a command and returns at once: the process has its lines as channels, `stdout` and `stderr`.',
      units: 's',
      errors: 'raises when the program may not be started',
      since: '1.0',
      permission: 'allow-exec',
      inLua: true,
      example: `local process = exec.start({"printf", "one\\\\ntwo\\\\n"})
for line in process.stdout:range() do print(line) end --> one
print(process:wait().success) --> true`,
    },
  ],
  methods: [
    {
      of: 'process',
      name: 'wait',
      arguments: `timeout?: ${timeLimit}`,
      results: `${results} | nil, error: string`,
      summary: 'Waits until the process has ended; what it wrote went to its channels, and is not in the result.',
      units: 's',
      since: '1.0',
    },
    {
      of: 'process',
      name: 'kill',
      arguments: 'signal?: string',
      results: 'boolean',
      summary:
        'Sends a signal, `SIGTERM` without a name, to the process and all that it started; `false` when it has ended.',
      errors: 'raises for a name that is no signal',
      since: '1.0',
    },
    {
      of: 'process',
      name: 'write',
      arguments: 'text: string',
      results: 'true | false, error: string',
      summary: 'Writes to the standard input of a process that was started with `stdin = true`.',
      since: '1.0',
    },
    {
      of: 'process',
      name: 'close_stdin',
      arguments: '',
      results: 'true',
      summary: 'Ends the standard input of the process.',
      since: '1.0',
    },
    {
      of: 'process',
      name: 'is_running',
      arguments: '',
      results: 'boolean',
      summary: 'Tells whether the process runs.',
      since: '1.0',
    },
    {
      of: 'exec_result',
      name: 'lines',
      arguments: '',
      results: 'lines: string[]',
      summary: 'Gives the lines of `stdout`. All methods of strings work on it, too.',
      since: '1.0',
    },
  ],
  call: 'run',
  lua,
  internals: ['begin', 'collect', 'next_lines', 'wait', 'kill', 'write', 'close_stdin', 'is_running', 'abandon'],
  load: () => import('./functions.js'),
};
