import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';
import lua from './watcher.lua';

interface Kind {
  readonly name: string;
  readonly options: string;
  readonly summary: string;
  readonly permission?: string;
  readonly example: string;
}

const heard = (type: string, how: string, then: string): string =>
  `local heard = channel.make(1)\nevent.on("${type}", function(e) heard:send(e) end)\n${how}\n${then}`;

const kinds: readonly Kind[] = [
  {
    name: 'file',
    options: 'path: string, check_hash?: boolean',
    summary:
      'Watches a file: `file.created`, `file.modified`, `file.deleted`. With check_hash only another content is a change.',
    permission: 'allow-read',
    example: `local path = os.tmpname()\n${heard(
      'file.*',
      'watcher.register.file{path = path, interval = "20ms", check_hash = true}\nfs.write(path, "new")',
      'print(heard:receive().type) --> file.modified\nos.remove(path)',
    )}`,
  },
  {
    name: 'directory',
    options: 'path: string, check_hash?: boolean',
    summary: 'Watches what is in a folder: `file.created`, `file.modified`, `file.deleted`.',
    permission: 'allow-read',
    example: `local dir = fs.tmpdir()\n${heard(
      'file.created',
      'watcher.register.directory{path = dir, interval = "20ms"}\nfs.write(dir .. "/a", "x")',
      'print(fs.basename(heard:receive().data.path)) --> a\nfs.rm_r(dir)',
    )}`,
  },
  {
    name: 'process',
    options: 'process?: string, pid?: integer',
    summary: 'Watches whether a process of a name, or of a number, runs: `process.started`, `process.stopped`.',
    permission: 'allow-read',
    example: `local job = exec.start({"sleep", "60"})\n${heard(
      'process.stopped',
      'watcher.register.process{pid = job.pid, interval = "20ms"}\njob:kill()\njob:wait()',
      'print(heard:receive().type) --> process.stopped',
    )}`,
  },
  {
    name: 'port',
    options: 'port: integer, host?: string',
    summary:
      'Watches whether somebody listens at a port, of 127.0.0.1 unless host says otherwise: `port.opened`, `port.closed`.',
    permission: 'allow-net',
    example: `local server = http.serve{handler = function() end}\n${heard(
      'port.closed',
      'watcher.register.port{port = server.port, interval = "20ms"}\nserver:close()',
      'print(heard:receive().type) --> port.closed',
    )}`,
  },
  {
    name: 'service',
    options: 'service: string',
    summary: 'Watches whether systemd says that a service is active: `service.started`, `service.stopped`.',
    permission: 'allow-exec',
    example: 'print(pcall(watcher.register.service, {}) == false) --> true',
  },
  {
    name: 'cpu',
    options: 'threshold: number',
    summary: 'Watches how busy the processors are, in percent, from look to look: `cpu.high`, `cpu.normal`.',
    example: 'print(watcher.register.cpu{threshold = 90}) --> cpu-1',
  },
  {
    name: 'memory',
    options: 'threshold: number',
    summary: 'Watches how much of the memory is in use, in percent: `memory.high`, `memory.normal`.',
    example: 'print(watcher.register.memory{threshold = 90}) --> memory-1',
  },
  {
    name: 'log',
    options: 'path: string, pattern: string',
    summary: 'Watches for new lines of a file that match a pattern of `regex`: `log.matched`.',
    permission: 'allow-read',
    example: `local path = os.tmpname()\n${heard(
      'log.matched',
      'watcher.register.log{path = path, pattern = "(?i)error", interval = "20ms"}\nfs.append(path, "fine\\nan Error\\n")',
      'print(heard:receive().data.line) --> an Error\nos.remove(path)',
    )}`,
  },
  {
    name: 'command',
    options: 'command: string | string[], timeout?: number | string',
    summary: 'Watches whether a command succeeds; a list runs without a shell: `command.succeeded`, `command.failed`.',
    permission: 'allow-exec',
    example: `local path = os.tmpname()\n${heard(
      'command.failed',
      'watcher.register.command{command = {"test", "-e", path}, interval = "20ms"}\nos.remove(path)',
      'print(heard:receive().data.exit_code) --> 1',
    )}`,
  },
  {
    name: 'custom',
    options: 'check: function',
    summary:
      'Watches what a function says: `custom.triggered` when it returns something true for the first time, with that as value, `custom.ended` when it does no more.',
    example: heard(
      'custom.triggered',
      'local n = goroutine.atomic_int()\nwatcher.register.custom{check = function() return n:add(1) == 3 and "three" end, interval = "20ms"}',
      'print(heard:receive().data.value) --> three',
    ),
  },
];

const shared = 'name?: string, interval?: number | string, when?: string | string[], event?: string';

function registering({name, options, summary, permission, example}: Kind): FunctionDeclaration {
  return {
    name: `register.${name}`,
    arguments: `config: {${options}, ${shared}}`,
    results: 'id: string',
    summary: `${summary} It looks every 5 seconds (interval), and dispatches events for those changes that \`when\` lists, or as \`event\` calls them; what is so at first is no change. It ends with the run; one that a task file registers while it is read, when all of the file has run.`,
    units: 's',
    errors:
      'raises for options that are wrong, for what is not allowed, and where `runner_config.enable_events` is false',
    since: '1.0',
    inLua: true,
    ...(permission !== undefined && {permission}),
    ...(name === 'custom' && {callsArguments: true}),
    example,
  };
}

/** Watchers that dispatch events. */
export const watcher: ModuleDeclaration = {
  name: 'watcher',
  // The functions in it are those called `register.…`.
  constants: {register: {}},
  functions: [
    ...kinds.map(registering),
    {
      name: 'unregister',
      arguments: 'id: string',
      results: 'boolean',
      summary: 'Ends a watcher; false when there is none of that id.',
      since: '1.0',
      inLua: true,
      example: 'print(watcher.unregister("file-1")) --> false',
    },
    {
      name: 'list',
      arguments: '',
      results: 'watchers: {id: string, kind: string, name: string, interval: number}[]',
      summary: 'Lists the watchers that are registered.',
      since: '1.0',
      inLua: true,
      example: 'watcher.register.memory{threshold = 90} print(watcher.list()[1].kind) --> memory',
    },
  ],
  lua,
  internals: ['open', 'attend', 'look', 'judge', 'drop', 'list_all'],
  load: () => import('./functions.js'),
};
