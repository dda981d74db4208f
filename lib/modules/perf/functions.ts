import {totalmem} from 'node:os';
import {parseQuantity} from '../../util/parse-quantity.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices, RunnerConfig} from '../services.js';

interface Measured {
  count: number;
  failures: number;
  total: number;
  min: number;
  max: number;
}

const mebibyte = 1024 * 1024;

export function create({config}: ModuleServices): Implementations {
  const measured = new Map<string, Measured>();
  const shown = ({count, failures, total, min, max}: Measured) => ({
    count,
    failures,
    total,
    mean: total / count,
    min,
    max,
  });
  return {
    record(name, ms, ok) {
      const text = asText(name);
      const entry = measured.get(text) ?? {count: 0, failures: 0, total: 0, min: Number.POSITIVE_INFINITY, max: 0};
      entry.count += 1;
      entry.failures += ok === true ? 0 : 1;
      entry.total += Number(ms);
      entry.min = Math.min(entry.min, Number(ms));
      entry.max = Math.max(entry.max, Number(ms));
      measured.set(text, entry);
    },
    stats(name) {
      if (name === undefined) return new Map([...measured].map(([key, entry]) => [key, shown(entry)]));
      const entry = measured.get(asText(name));
      return entry ? shown(entry) : {count: 0, failures: 0, total: 0};
    },
    memory() {
      const current = process.memoryUsage.rss();
      // In KiB, whatever the platform.
      const peak = Math.max(process.resourceUsage().maxRSS * 1024, current);
      const most = mostMemory(config());
      return {
        current_mb: current / mebibyte,
        peak_mb: peak / mebibyte,
        max_mb: most / mebibyte,
        usage_percent: (100 * current) / most,
      };
    },
  };
}

function mostMemory({resource_limits: limits}: RunnerConfig): number {
  const wanted = isPlainObject(limits) ? limits['max_memory'] : undefined;
  const most = parseQuantity(wanted, 'bytes');
  if (most !== undefined && most > 0) return most;
  const machine = totalmem();
  const container = process.constrainedMemory();
  return container > 0 && container < machine ? container : machine;
}
