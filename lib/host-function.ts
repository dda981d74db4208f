import type {Results} from './results.js';
import type {Sendable} from './sendable.js';

/** What a host function finds as `this`. */
export interface HostCall {
  /** Aborts when the goroutine that made the call was cancelled: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What a host function may answer: a value, several ({@link Results}), or a promise of either. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing may stand where an answer is expected.
export type HostAnswer = Sendable | Results | void;

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
  call(this: HostCall, ...args: Sendable[]): HostAnswer | Promise<HostAnswer>;
}['call'];
