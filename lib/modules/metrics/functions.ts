import {statfs} from 'node:fs/promises';
import {availableParallelism, freemem, loadavg, totalmem} from 'node:os';
import {results} from '../../results.js';
import {fileProblem} from '../../util/file-problem.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {luaType, readRequired} from '../options.js';
import type {ModuleServices} from '../services.js';
import {MetricStore} from './metric-store.js';

const mebibyte = 1024 * 1024;

export function create({permissions, events, shared}: ModuleServices): Implementations {
  const store = shared('metrics', () => new MetricStore());
  return {
    counter: (name, amount, labels) =>
      store.record('counter', asText(name), Number(amount ?? 1), readLabels(labels)).value,
    gauge: (name, value, labels) => store.record('gauge', asText(name), Number(value), readLabels(labels)).value,
    histogram: (name, value, labels) =>
      store.record('histogram', asText(name), Number(value), readLabels(labels)).count,
    get_custom: (name, labels) => store.get(asText(name), readLabels(labels)),
    list_custom: () => store.names(),
    export: () => store.text(),
    alert(name, alert) {
      const {level, message} = readRequired(alert, {level: 'string', message: 'string'}, ['message']);
      events.dispatch('metrics.alert', {name: asText(name), level: level ?? 'warning', message});
      return true;
    },
    system_cpu: () => cpu(),
    system_memory: () => amounts(totalmem(), freemem()),
    async system_disk(path) {
      const wanted = path === undefined ? '/' : asText(path);
      const real = await permissions.checkPath('read', wanted);
      try {
        const {bsize, blocks, bavail} = await statfs(real);
        return amounts(bsize * blocks, bsize * bavail);
      } catch (error) {
        return results(undefined, fileProblem(error, wanted));
      }
    },
    process_info: () => ({
      pid: process.pid,
      node: process.version,
      uptime_s: process.uptime(),
      memory_mb: process.memoryUsage.rss() / mebibyte,
    }),
    health_status() {
      const {usage_percent: cpuPercent} = cpu();
      const {usage_percent: memoryPercent} = amounts(totalmem(), freemem());
      const worst = Math.max(cpuPercent, memoryPercent);
      const status = worst >= 95 ? 'unhealthy' : worst >= 80 ? 'degraded' : 'healthy';
      return {status, cpu_percent: cpuPercent, memory_percent: memoryPercent};
    },
  };
}

function cpu() {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  const cores = availableParallelism();
  return {cores, load_1: load1, load_5: load5, load_15: load15, usage_percent: Math.min(100, (100 * load1) / cores)};
}

function amounts(total: number, free: number) {
  const used = total - free;
  return {
    total_mb: total / mebibyte,
    used_mb: used / mebibyte,
    free_mb: free / mebibyte,
    usage_percent: (100 * used) / total,
  };
}

function readLabels(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (!isPlainObject(given)) throw new Error(`labels: a table of names and values expected, got ${luaType(given)}`);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`labels: "${name}" is no name of a label`);
      return [name, value instanceof Uint8Array ? asText(value) : String(value)];
    }),
  );
}
