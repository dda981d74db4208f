import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';
import lua from './metrics.lua';

const since = '1.0';
const labels = 'labels?: table';

const functions: readonly FunctionDeclaration[] = [
  {
    name: 'counter',
    arguments: `name: string, amount?: number, ${labels}`,
    results: 'value: number',
    summary: 'Adds to a counter (1), and tells what it is then.',
    errors: 'raises for a negative amount, and for a name of another kind',
    since,
    example: 'metrics.counter("jobs_total") print(metrics.counter("jobs_total", 2) >= 3) --> true',
  },
  {
    name: 'gauge',
    arguments: `name: string, value: number, ${labels}`,
    results: 'value: number',
    summary: 'Sets a gauge.',
    errors: 'raises for a name of another kind',
    since,
    example: 'print(metrics.gauge("queue_length", 7)) --> 7',
  },
  {
    name: 'histogram',
    arguments: `name: string, value: number, ${labels}`,
    results: 'count: integer',
    summary: 'Adds an observation to a histogram, and tells how many there are.',
    errors: 'raises for a name of another kind',
    since,
    example: 'print(metrics.histogram("size_bytes", 100) >= 1) --> true',
  },
  {
    name: 'timer',
    arguments: `name: string, f: function, ${labels}`,
    results: '...: any',
    summary: 'Calls f and adds the milliseconds that it took to a histogram, also when it raises.',
    errors: 'raises what f raises',
    since,
    inLua: true,
    callsArguments: true,
    passesOn: true,
    example: 'print(metrics.timer("work_ms", function() return "done" end)) --> done',
  },
  {
    name: 'get_custom',
    arguments: `name: string, ${labels}`,
    results: 'metric: table | nil',
    summary:
      'Tells of a metric: `type`, and `value`, or `count`, `sum`, `min`, `max`, `mean`, `p50`, `p95` and `p99` of the last 1000.',
    since,
    example: 'metrics.gauge("depth", 3) print(metrics.get_custom("depth").value) --> 3',
  },
  {
    name: 'list_custom',
    arguments: '',
    results: 'names: string[]',
    summary: 'Lists the metrics.',
    since,
    example: 'metrics.gauge("depth", 3) print(#metrics.list_custom() > 0) --> true',
  },
  {
    name: 'export',
    arguments: '',
    results: 'text: string',
    summary: 'Gives all metrics in the text format of Prometheus.',
    since,
    example: 'metrics.gauge("depth", 3) print(metrics.export():find("# TYPE depth gauge", 1, true) ~= nil) --> true',
  },
  {
    name: 'alert',
    arguments: 'name: string, alert: {level?: string, message: string}',
    results: 'true',
    summary: 'Dispatches the event `metrics.alert`.',
    since,
    example: 'print(metrics.alert("disk", {level = "warning", message = "nearly full"})) --> true',
  },
  {
    name: 'system_cpu',
    arguments: '',
    results: 'cpu: {cores: integer, load_1: number, load_5: number, load_15: number, usage_percent: number}',
    summary: "Tells of the machine's processors; the usage is the load of a minute over the cores.",
    since,
    example: 'print(metrics.system_cpu().cores >= 1) --> true',
  },
  {
    name: 'system_memory',
    arguments: '',
    results: 'memory: {total_mb: number, used_mb: number, free_mb: number, usage_percent: number}',
    summary: "Tells of the machine's memory.",
    since,
    example: 'print(metrics.system_memory().total_mb > 0) --> true',
  },
  {
    name: 'system_disk',
    arguments: 'path?: string',
    results: 'disk: {total_mb: number, used_mb: number, free_mb: number, usage_percent: number} | nil, error: string',
    summary: 'Tells of the file system that a path (`/`) is on.',
    errors: 'raises when the path may not be read',
    since,
    permission: 'allow-read',
    example: 'print(metrics.system_disk("/").total_mb > 0) --> true',
  },
  {
    name: 'runtime_info',
    arguments: '',
    results: 'info: table',
    summary:
      'Tells of this process: `pid`, `node`, `uptime_s`, `memory_mb`, and `goroutines`, `workers`, `islands` of the runtime.',
    since,
    inLua: true,
    example: 'print(metrics.runtime_info().goroutines >= 1) --> true',
  },
  {
    name: 'health_status',
    arguments: '',
    results: 'status: {status: string, cpu_percent: number, memory_percent: number}',
    summary:
      'Judges the machine: `healthy`, `degraded` from 80 % of processors or memory on, `unhealthy` from 95 % on.',
    since,
    example: 'print(type(metrics.health_status().status)) --> string',
  },
];

/** Metrics, one of a name in a runtime. */
export const metrics: ModuleDeclaration = {
  name: 'metrics',
  functions,
  lua,
  internals: ['process_info'],
  load: () => import('./functions.js'),
};
