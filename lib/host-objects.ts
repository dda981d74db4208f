interface Held {
  readonly value: unknown;
  readonly hasIdentity: boolean;
  /** Handles on Lua's side. */
  count: number;
}

/**
 * What one runtime has handed to Lua by reference: functions, and errors and other things that were thrown. Each has a number
 * and is kept until Lua holds no handle of it any more.
 */
export class HostObjects {
  readonly #held = new Map<number, Held>();
  readonly #ids = new Map<unknown, number>();
  readonly #listeners = new WeakMap<object, () => void>();
  #lastId = 0;

  /** The number of a thing that gets one more handle. */
  hold(value: unknown): number {
    const known = this.#ids.get(value);
    const held = known === undefined ? undefined : this.#held.get(known);
    if (known !== undefined && held) {
      held.count += 1;
      return known;
    }
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const hasIdentity = typeof value === 'function' || (typeof value === 'object' && value !== null);
    if (hasIdentity) this.#ids.set(value, this.#lastId);
    this.#held.set(this.#lastId, {value, hasIdentity, count: 1});
    return this.#lastId;
  }

  /** One handle of it is gone. */
  release(id: number): void {
    const held = this.#held.get(id);
    if (!held) return;
    held.count -= 1;
    if (held.count > 0) return;
    this.#held.delete(id);
    if (!held.hasIdentity) return;
    this.#ids.delete(held.value);
    this.#listeners.get(held.value as object)?.();
  }

  /** Calls the listener when Lua lets go of a thing. */
  whenReleased(value: object, listener: () => void): void {
    this.#listeners.set(value, listener);
  }

  /** The thing of that number. */
  get(id: number): unknown {
    return this.#held.get(id)?.value;
  }

  /** How many things are held. */
  get size(): number {
    return this.#held.size;
  }

  clear(): void {
    this.#held.clear();
    this.#ids.clear();
  }
}
