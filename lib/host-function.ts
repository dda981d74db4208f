import type {ResourceLimits} from './resource-limits.js';
import type {Results} from './results.js';
import type {Sendable} from './sendable.js';

/** What a host function finds as `this`. */
export interface HostCall {
  /** Aborts when the goroutine that made the call was cancelled: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The {@link Run.id} of the run whose goroutine made the call. */
  readonly runId: number;
  /** What the islands of that run may use together; empty when it has no limits of its own. */
  readonly limits: ResourceLimits;
}

/**
 * What a host function may answer: a value, several ({@link Results}), an async iterable, or a promise of these. Of an async
 * iterable Lua gets two values: a channel, which closes when the iteration ends, and a function that gives the error with which it
 * ended, or nothing. Each value is made when a goroutine wants it; the iterator's `return` is called when no goroutine can reach the
 * channel any more.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing may stand where an answer is expected.
export type HostAnswer = Sendable | Results | AsyncIterable<Sendable> | void;

/**
 * A JavaScript function that Lua code calls. Only the calling goroutine waits for its promise; a throw or a rejection
 * becomes a Lua error in that goroutine.
 *
 * @example
 * ```ts
 * await runtime.run('print(fetch_title("https://example.org"))', {
 *   globals: {
 *     async fetch_title(this: HostCall, url: string) {
 *       const page = await fetch(url, {signal: this.signal});
 *       return /<title>(.*?)</.exec(await page.text())?.[1];
 *     },
 *   },
 * });
 * ```
 */
// A method type, so that a function of narrower parameters may stand here: Lua decides what it passes.
export type HostFunction = {
  /** Called for each call of Lua's, with what it passed. */
  call(this: HostCall, ...args: Sendable[]): HostAnswer | Promise<HostAnswer>;
}['call'];
