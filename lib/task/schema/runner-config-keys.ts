import * as z from 'zod';
import {key} from './keys.js';
import {circuitOptions, strategies} from './task-keys.js';
import {
  count,
  data,
  duration,
  durationAbove0,
  flag,
  list,
  mapOf,
  object,
  quantityLimit,
  text,
  whole,
} from './values.js';

const optimizationLevels = ['none', 'basic', 'advanced', 'aggressive'] as const;
const resolutions = ['parallel', 'topological', 'streaming'] as const;

const grant = z.union([flag, list(text, 'a list of names')], {error: 'true, false, or a list of names'}).optional();

/** Every key of `runner_config` and of a `--config` file. */
export const runnerConfigKeys = {
  max_concurrency: key('Tasks that run at a time. Default: as many as cores.', count),
  timeout_default: key('For tasks that say nothing of `timeout`.', duration),
  retry_default: key('Attempts after the first, for tasks that say nothing of `retries`.', whole),
  backoff_strategy: key(
    'For tasks that name no strategy.',
    z.enum(strategies, {error: '"fixed", "linear" or "exponential"'}),
  ),
  dependency_resolution: key(
    '`parallel`, `topological` (one at a time, in a stable order) or `streaming`.',
    z.enum(resolutions, {error: '"parallel", "topological" or "streaming"'}),
  ),
  cycle_detection: key('May only be true: a cycle cannot run.', z.literal(true, {error: 'true (a cycle cannot run)'})),
  lazy_loading: key('Plugins load when they are first used.', flag),
  state_persistence: key('false: no journal, and `state` in memory.', flag),
  state_store: key('`memory` or `sqlite`.', text),
  enable_rollback: key('false: `rollback.execute` raises.', flag),
  compensation_enabled: key('false: nothing is undone, and the run needs attention instead.', flag),
  checkpoint_interval: key('How often `this.state` of a running task is journaled.', durationAbove0),
  enable_events: key('false: no event of the runner reaches `event.on`.', flag),
  plugins_enabled: key('false: `import("plugin:NAME")` raises.', flag),
  plugin_search_paths: key(
    'Folders where `import("plugin:NAME")` looks, relative to the task file.',
    list(text, 'a list of folders'),
  ),
  resource_limits: key(
    'What all tasks together may use.',
    object({
      max_memory: quantityLimit('bytes', '8Gi').optional(),
      max_cpu: quantityLimit('cores', '4000m').optional(),
      max_disk: quantityLimit('bytes', '50Gi').optional(),
      max_network_bandwidth: quantityLimit('bits a second', '1Gbps').optional(),
    }),
  ),
  optimization_level: key(
    '`none`, `basic`, `advanced` or `aggressive`.',
    z.enum(optimizationLevels, {error: '"none", "basic", "advanced" or "aggressive"'}),
  ),
  circuit_breakers: key(
    'Options of circuit breakers by name, and `default`.',
    mapOf(circuitOptions, 'a table of options by name'),
  ),
  notifications: key('Channels of `notifications.send` by type.', data),
  permissions: key(
    'What modules may do at most, by kind: `true`, `false` or a list, as the --allow flags take it. A kind that is missing stays as it is.',
    object({exec: grant, read: grant, write: grant, net: grant, env: grant}),
  ),
  security: key(
    'Refused unless --allow-unsupported is given.',
    z.unknown().meta({lua: 'table', description: 'refused'}),
  ),
} as const;
