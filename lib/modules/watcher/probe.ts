import type {Sendable} from '../../sendable.js';

/** Something that a watcher saw: the last part of the event's type, and its data. */
export interface Change {
  readonly what: string;
  readonly data: Readonly<Record<string, Sendable>>;
}

/** What a watcher looks at. Each look tells what changed since the one before. */
export interface Probe {
  look(signal: AbortSignal): Promise<readonly Change[]>;
}

/** Tells when something begins and when it ends; what it is at the first look is no change unless that was expected otherwise. */
export class Edge {
  readonly #begins: string;
  readonly #ends: string;
  #was: boolean | undefined;

  constructor(begins: string, ends: string, expected?: boolean) {
    this.#begins = begins;
    this.#ends = ends;
    this.#was = expected;
  }

  changes(is: boolean, data: Change['data']): readonly Change[] {
    const was = this.#was;
    this.#was = is;
    if (was === undefined || was === is) return [];
    return [{what: is ? this.#begins : this.#ends, data}];
  }
}
