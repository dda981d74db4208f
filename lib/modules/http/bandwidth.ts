import {setTimeout as sleep} from 'node:timers/promises';
import {parseQuantity} from '../../util/parse-quantity.js';
import type {ModuleServices} from '../services.js';

/** What moves at a time of a body that is sent: the bucket is asked before each. */
const pieceBytes = 64 * 1024;

/** One bucket of bytes for everything a runtime's modules move over the network: `resource_limits.max_network_bandwidth`. */
export class Bandwidth {
  readonly #limit: () => number | undefined;
  /** When what was taken so far has been paid for, by `performance.now()`. */
  #paidAt = 0;

  constructor(limit: () => number | undefined) {
    this.#limit = limit;
  }

  /** Whether there is a limit now. */
  get isLimited(): boolean {
    return this.#limit() !== undefined;
  }

  /** The chunks of a body that comes in, no faster than they may. */
  async *read<T extends Uint8Array>(chunks: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    for await (const chunk of chunks) {
      await this.take(chunk.length, signal);
      yield chunk;
    }
  }

  /** A body that goes out, in pieces, no faster than they may. */
  async *pieces(body: string | Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      await this.take(piece.length, signal);
      yield piece;
    }
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
      const bits = parseQuantity(value, 'bits a second');
      if (bits !== undefined && bits > 0) return bits / 8;
      throw new Error(
        `resource_limits.max_network_bandwidth must be a bandwidth such as "10Mbps", got ${String(value)}`,
      );
    });
  });
}
