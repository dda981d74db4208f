import {setTimeout as sleep} from 'node:timers/promises';
import type {ModuleServices} from '../services.js';

const bitsPerUnit: Readonly<Record<string, number>> = {'': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12};

/**
 * Reads a bandwidth: `"500Kbps"`, `"1Gbps"`.
 *
 * @returns bytes a second, or `undefined` for what is none.
 */
export function parseBandwidth(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)bps$/.exec(typeof value === 'string' ? value : '') ?? [];
  const bytes = (Number(amount) * (bitsPerUnit[unit] ?? 1)) / 8;
  return bytes > 0 ? bytes : undefined;
}

/** One bucket of bytes for everything a runtime's modules move over the network: `resource_limits.max_network_bandwidth`. */
export class Bandwidth {
  readonly #limit: () => number | undefined;
  /** When what was taken so far has been paid for, by `performance.now()`. */
  #paidAt = 0;

  constructor(limit: () => number | undefined) {
    this.#limit = limit;
  }

  /** Waits until so many bytes may have passed. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const limit = this.#limit();
    if (limit === undefined) return;
    const now = performance.now();
    this.#paidAt = Math.max(this.#paidAt, now) + (bytes / limit) * 1000;
    const wait = this.#paidAt - now;
    if (wait >= 1) await sleep(wait, undefined, {signal, ref: false});
  }
}

/** The bucket of one runtime. */
export function bandwidthOf(services: ModuleServices): Bandwidth {
  return services.shared('network bandwidth', () => {
    const limits = (): unknown => services.config()['resource_limits'];
    return new Bandwidth(() => {
      const value = (limits() as {max_network_bandwidth?: unknown} | undefined)?.max_network_bandwidth;
      if (value === undefined) return undefined;
      const limit = parseBandwidth(value);
      if (limit !== undefined) return limit;
      throw new Error(
        `resource_limits.max_network_bandwidth must be a bandwidth such as "10Mbps", got ${String(value)}`,
      );
    });
  });
}
