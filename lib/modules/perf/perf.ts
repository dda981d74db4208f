import type {ModuleDeclaration} from '../declaration.js';
import lua from './perf.lua';

/** Measurements. */
export const perf: ModuleDeclaration = {
  name: 'perf',
  functions: [
    {
      name: 'measure',
      arguments: 'f: function, name?: string',
      results: 'result: any, milliseconds: number, error: any',
      summary:
        'Calls f and gives its first result, the time it took in ms, and nothing or what it raised; with a name, `perf.stats` counts it.',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: `local result, ms, problem = perf.measure(function() return 6 * 7 end, "answer")
print(result, ms >= 0, problem) --> 42 true nil`,
    },
    {
      name: 'stats',
      arguments: 'name?: string',
      results: 'stats: table',
      summary:
        'Tells of what was measured under that name: `count`, `failures`, and `total`, `mean`, `min` and `max` in ms; without a name of everything, by name.',
      since: '1.0',
      example: 'perf.measure(function() end, "nothing") print(perf.stats("nothing").count >= 1) --> true',
    },
    {
      name: 'memory',
      arguments: '',
      results: 'memory: {current_mb: number, peak_mb: number, max_mb: number, usage_percent: number}',
      summary:
        'Tells how much memory the process has, had at most, and may have: `resource_limits.max_memory`, else the container, else the machine.',
      since: '1.0',
      example: 'print(perf.memory().usage_percent > 0) --> true',
    },
  ],
  lua,
  internals: ['record'],
  load: () => import('./functions.js'),
};
