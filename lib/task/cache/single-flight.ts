/** Lets of those who want the same thing at the same time only the first make it; the others wait for the first. */
export class SingleFlight<Result> {
  readonly #flights = new Map<string, Promise<Result>>();

  /** What `make` answers, or what somebody else's `make` for the same key does that has begun already. */
  async do(key: string, make: () => Promise<Result>): Promise<Result> {
    const flight = this.#flights.get(key);
    if (flight) return flight;
    const mine = make().finally(() => this.#flights.delete(key));
    this.#flights.set(key, mine);
    return mine;
  }
}
