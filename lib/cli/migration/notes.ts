/** What became of a name that scripts of the Go sloth-runner, or of Lua 5.1, use. */
export interface Note {
  /** `module.function`, `:method`, or a global. */
  readonly name: string;
  readonly kind: 'different' | 'gone';
  /** What is different, or what to write instead. */
  readonly note: string;
}

/** A part of the notes, under its heading. */
export interface NoteGroup {
  readonly title: string;
  /** Names that do what they did. */
  readonly same: readonly string[];
  readonly notes: readonly Note[];
}

const different = (name: string, note: string): Note => ({name, kind: 'different', note});
const gone = (name: string, note: string): Note => ({name, kind: 'gone', note});
const of = (module: string, names: string): string[] => names.split(' ').map((name) => `${module}.${name}`);

const agents = 'there are no agents; run the command through ssh';

/** Names of the older system, in groups. A test holds them against what there is. */
export const noteGroups: readonly NoteGroup[] = [
  {
    title: 'Goroutines and channels',
    same: [
      ...of(
        'goroutine',
        'wait_group pool_create sleep channel_send channel_receive channel_close channel_len channel_cap',
      ),
      ...of('goroutine', 'rwmutex atomic_int fan_in map select'),
      ...of('go', 'create'),
    ],
    notes: [
      different(
        'goroutine.spawn',
        'further arguments are passed on, a handle comes back, and an error that nobody asks for ends the program with exit code 1',
      ),
      different('goroutine.spawn_many', 'further arguments are passed on, and a list of handles comes back'),
      different(
        'goroutine.pool_submit',
        'it waits while the queue is full; `queue` and `on_full` of pool_create choose otherwise',
      ),
      different('goroutine.pool_wait', 'the pool stays open; it takes a timeout'),
      different('goroutine.pool_close', 'it finishes what was submitted; it may follow pool_wait'),
      different(
        'goroutine.pool_stats',
        'it answers behind pool_close, too, and `nil` with a message for an unknown pool',
      ),
      different('goroutine.async', 'arguments are passed on, and the handle has methods'),
      different('goroutine.await', 'the error comes as it was raised; it takes a timeout'),
      different(
        'goroutine.await_all',
        'what is no handle raises with its place, and places never shift; it takes a timeout',
      ),
      different('goroutine.timeout', 'the function is stopped; arguments are passed on'),
      different(
        'goroutine.channel',
        'the direction is that of this handle: `as_sender()` and `as_receiver()` of a channel that goes both ways give the others',
      ),
      different('goroutine.select_timeout', 'the index counts from 1'),
      different('goroutine.mutex', 'giving back what is not held raises; a lock whose holder ended says "abandoned"'),
      different('goroutine.semaphore', '`acquire` and `release` take a number, and `acquire` a timeout'),
      different('goroutine.once', '`call` returns the results of the one call to everybody, and raises its error'),
      different('goroutine.cond', 'waiting without the lock raises'),
      different('goroutine.context', 'contexts cancel: spawn and every wait take one'),
      different('goroutine.pipeline', 'a second result is a channel of errors; stages take `retries` and `on_error`'),
      different('goroutine.fan_out', 'each value goes to one channel; goroutine.broadcast gives it to all'),
      different('goroutine.parallel', 'of one function: starts it on an island of its own and returns the handle'),
      different('go.wait_all', 'the timeout is in seconds, as it was documented'),
      different(':try_receive', 'a third result tells "empty" from "closed"'),
      gone('goroutine.RunParallel', 'async.parallel, which gives results and errors by name'),
      gone('goroutine.WaitGroup', 'goroutine.wait_group'),
      gone('goroutine.Go', 'goroutine.spawn'),
    ],
  },
  {
    title: 'Tasks and workflows',
    same: ['task', 'import', ':description', ':command', ':run', ':on_success', ':workdir', ':build'],
    notes: [
      different(':timeout', 'text that is no duration is an error, and what takes too long is ended, processes too'),
      different(':user', 'the command line runs through `sudo -n -u`'),
      different(':on_failure', 'it is called once, when no attempt is left; several add up'),
      different(':on_fail', 'as on_failure: once, when no attempt is left'),
      different(':depends_on', 'it holds: order, skipping and `deps`'),
      different(':retries', 'it holds, and the strategy may be left out'),
      different(':async', 'it holds: later stages do not wait'),
      different(':artifacts', 'it holds, and so does consumes'),
      different(':run_if', 'it holds; conditions such as "a.success" are read before the run'),
      different(':abort_if', 'it holds'),
      different(':pre_hook', 'it is called'),
      different(':post_hook', 'it is called'),
      different(':on_timeout', 'it is called'),
      different('workflow.define', 'every form defines the workflow, with or without on_complete or build'),
      different('workflow', 'it is workflow.define'),
      different('parallel', 'it defines a parallel stage'),
      different('chain', 'it defines a chain of stages'),
      different('when', 'it defines a branch'),
      different(
        'saga.begin',
        'in a running task it begins one: what saga.compensate adds is undone unless saga.commit came first',
      ),
      different('group', 'it defines a group of tasks'),
      different('define_task', 'it defines a task'),
      different('runner_config', 'it configures the run; unknown keys are errors'),
      different('values', 'lists of YAML stay lists; --set and --values fill it'),
      gone(':delegate_to', agents),
      gone('this.agent', agents),
      gone('params.agent_name', agents),
      gone('TaskDefinitions', 'task and workflow.define'),
    ],
  },
  {
    title: 'Modules',
    same: [
      ...of('log', 'info warn error debug print success'),
      ...of(
        'fs',
        'read write append exists mkdir rm rmr rm_r remove list ls move symlink tmpname size copy basename dirname',
      ),
      ...of('net', 'http_get download'),
      ...of(
        'data',
        'json_encode json_decode json_pretty json_validate xml_encode xml_decode xml_to_json yaml_encode yaml_decode yaml_to_json json_to_yaml',
      ),
      ...of(
        'data',
        'csv_parse csv_generate deep_merge flatten unflatten get_path set_path parse_json to_json parse_yaml to_yaml',
      ),
      ...of(
        'state',
        'delete exists clear stats set_ttl get_ttl decrement append compare_swap list_push list_pop list_length try_lock lock unlock with_lock has',
      ),
      ...of('event', 'dispatch dispatch_custom dispatch_file'),
      ...of('reliability', 'get_circuit_stats reset_circuit list_circuits'),
      ...of(
        'metrics',
        'system_cpu system_memory system_disk runtime_info gauge counter histogram timer get_custom list_custom alert health_status',
      ),
      ...of('crypto', 'md5 hash sha1 sha256 sha384 sha512 uuid generate_password'),
      ...of('strings', 'trim split join contains replace pad_left'),
      ...of('time', 'now unix format parse add sub sleep'),
      ...of('file_ops', 'stat'),
      ...of('perf', 'measure memory stats'),
      ...of('utils', 'env config'),
      ...of('validate', 'required type range'),
      ...of('template', 'render load'),
    ],
    notes: [
      different(
        'exec.run',
        'the environment is inherited; it takes timeout, stdin, shell and more, and a list runs without a shell',
      ),
      different('http.get', 'the second argument is a table of options, `headers` one of them; `status` is a number'),
      different('http.post', 'options come last, `headers` one of them; `status` is a number'),
      different('http.put', 'options come last, `headers` one of them; `status` is a number'),
      different('http.patch', 'options come last, `headers` one of them; `status` is a number'),
      different(
        'http.delete',
        'the second argument is a table of options, `headers` one of them; `status` is a number',
      ),
      different('http.request', '`status` is a number, `status_text` its text'),
      different('net.http_post', 'the third argument is a table of options, `headers` one of them'),
      different('state.set', 'values keep their types; a third argument is the time to live'),
      different('state.get', 'values keep their types; without one comes the default or `nil`'),
      different('state.set_with_ttl', 'the time to live holds'),
      different('state.increment', 'it is exact, however many goroutines and processes there are'),
      different('state.keys', 'it gives a list of names'),
      different('reliability.retry', 'it gives the results of the function, or `nil` and the last error'),
      different('reliability.retry_with_config', 'it gives the results of the function, or `nil` and the last error'),
      different('reliability.circuit_breaker', 'it gives the results of the function, or `nil` and a message'),
      different('file_ops.copy', 'the first result is the table with `changed`; so is the second'),
      different('file_ops.fetch', 'the first result is the table with `changed`; so is the second'),
      different('file_ops.template', 'the first result is the table with `changed`; so is the second'),
      different('file_ops.lineinfile', 'the first result is the table with `changed`; so is the second'),
      different('file_ops.blockinfile', 'the first result is the table with `changed`; so is the second'),
      different('file_ops.replace', 'the first result is the table with `changed`; so is the second'),
      different(
        'file_ops.unarchive',
        'the first result is the table with `changed`; so is the second. Zip files are refused',
      ),
      different('async.parallel', 'the functions run at once; results and errors come by name'),
      different('flow.circuit_breaker', 'the breaker opens'),
      different('flow.rate_limit', 'the limit is one for all goroutines'),
      different(
        'utils.secret',
        'it gives the secret, of the environment or of a `--secrets` file, and hides it where it would be shown',
      ),
      different('error.try', 'a function of its own: `error` itself stays what it is'),
      different('error.retry', 'it gives the results of the function, or `nil` and the last error'),
      different('math.random', "it is Lua's: math.random(a, b) is an integer from a to b"),
      gone('math.e', 'math.exp(1)'),
      gone('math.phi', '(1 + math.sqrt(5)) / 2'),
      gone('math.seed', 'math.randomseed'),
      gone('log.table', 'log.info(name, value), which shows tables'),
      gone('fs.sync', 'file_ops.copy, which copies what differs'),
      gone('strings.base64_encode', 'crypto.base64_encode'),
      gone('strings.base64_decode', 'crypto.base64_decode'),
      gone('strings.sha256', 'crypto.sha256'),
      gone('strings.is_email', 'regex.test(text, "^[^@ ]+@[^@ ]+$")'),
      gone('watcher.register', 'fs.watch for files; time.every for what has to be asked'),
      gone('event.register', 'event.on; fs.watch for files'),
      gone('slack.send', 'notifications.slack'),
      gone('ntfy.send', 'notifications.ntfy'),
      gone('circuit.protect', 'flow.circuit_breaker'),
      gone('resource.allocate', 'resources, of a task'),
      gone('security.sandbox', 'the --allow flags'),
      gone('core.stats', 'goroutine.stats'),
      gone('observability.start_trace', 'run --trace FILE'),
      gone('observability.start_span', 'run --trace FILE'),
      gone('stack.get_output', 'export in a task, and deps in those that depend on it'),
      gone('stack.set_output', 'export in a task, and deps in those that depend on it'),
      gone('stack.register_resource', 'state.set'),
      gone('exec.run_timeout', 'exec.run with `timeout`'),
      gone('exec.background', 'exec.start'),
      gone('exec.is_running', 'is_running, of what exec.start gives'),
      gone('exec.kill', 'kill, of what exec.start gives'),
      gone('exec.command', 'exec.run'),
      gone('exec.shell', 'exec.run'),
      gone('exec.script', 'exec.run'),
      gone('fs.template', 'template.load and template.render'),
      gone('log.warning', 'log.warn'),
      gone('log.fatal', 'log.error, and error'),
      gone('circuit.status', 'reliability.get_circuit_stats'),
      gone('security.policy', 'the --allow flags'),
      gone('resource.release', 'resources, of a task'),
      gone('core.resources', 'perf.memory'),
    ],
  },
  {
    title: 'Lua 5.1 to 5.4',
    same: ['pcall', 'select', 'setmetatable', 'string.format', 'table.insert', 'table.concat'],
    notes: [
      different('unpack', 'table.unpack; task files have both'),
      different('loadstring', 'load; task files have both'),
      different('table.getn', 'the operator #; task files have both'),
      different('table.maxn', 'a loop over pairs; task files have it'),
      different('string.gfind', 'string.gmatch; task files have both'),
      different('math.mod', 'math.fmod or the operator %; task files have both'),
      gone('setfenv', 'the fourth argument of load, or a local _ENV'),
      gone('getfenv', '_ENV'),
      gone('module', 'a table that the file returns'),
      gone('math.ldexp', 'x * 2.0 ^ exponent'),
      gone('math.frexp', 'math.log(x, 2)'),
      gone('math.cosh', '(math.exp(x) + math.exp(-x)) / 2'),
      gone('math.sinh', '(math.exp(x) - math.exp(-x)) / 2'),
      gone('math.tanh', 'from math.exp'),
    ],
  },
];
