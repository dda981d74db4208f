/** The rate limits of one runtime, by name: buckets that hold one call. Times are milliseconds of the runtime's clock. */
export class RateLimits {
  readonly #next = new Map<string, number>();

  /** Takes the next turn; how long that is from now. */
  reserve(name: string, perSecond: number, now: number): number {
    const turn = Math.max(now, this.#next.get(name) ?? now);
    this.#next.set(name, turn + 1000 / perSecond);
    return turn - now;
  }
}
