import type {buildConnector} from 'undici';

const longestHoldMs = 500;
const sliceMs = 2;

// From so many on they are a burst, and a burst is over when nothing was opened for so long.
const fewest = 4;
const quietMs = 2;

type Connector = buildConnector.connector;
type Connected = buildConnector.Callback;
type OpenSocket = Exclude<Parameters<Connected>[1], null>;

interface Held {
  readonly socket: OpenSocket;
  readonly callback: Connected;
}

/**
 * Makes the connections of a burst begin to send together: while each turn of the event loop opens further ones, those that are
 * open wait. So thousands of requests that goroutines make at once are all on their way before the first answers compete with them
 * for the thread, whose time a request costs more to open than to send. Two milliseconds in which nothing is opened end it: nobody
 * waits while the thread has nothing to do, and a connection that comes alone waits for a turn.
 */
export class Burst {
  /** Opens connections as `connect` does. */
  readonly connector: Connector;
  #openings = 0;
  #seen = 0;
  #lastGrew = 0;
  #endsAt = Number.POSITIVE_INFINITY;
  #held: Held[] = [];
  #watching = false;

  constructor(connect: Connector) {
    this.connector = (options, callback) => {
      this.#openings += 1;
      connect(options, (...[error, socket]: Parameters<Connected>) => {
        if (error) callback(error, null);
        else this.#hold(socket, callback);
      });
    };
  }

  /** A request may need a connection: nobody is held for more than a twentieth of the time it has. `0`: it has no limit. */
  expect(timeoutMs: number): void {
    const endsAt = performance.now() + Math.min(timeoutMs === 0 ? longestHoldMs : timeoutMs / 20, longestHoldMs);
    if (endsAt < this.#endsAt) this.#endsAt = endsAt;
  }

  #hold(socket: OpenSocket, callback: Connected): void {
    this.#held.push({socket, callback});
    if (this.#watching) return;
    this.#watching = true;
    // What opens in this turn may do so after the first look.
    this.#seen = -1;
    setImmediate(this.#watch);
  }

  readonly #watch = (): void => {
    const now = performance.now();
    if (this.#openings !== this.#seen) this.#lastGrew = now;
    this.#seen = this.#openings;
    const quiet = now - this.#lastGrew;
    const grows = this.#held.length < fewest ? quiet === 0 : quiet < quietMs;
    if (grows && now < this.#endsAt) setImmediate(this.#watch);
    else this.#release(0);
  };

  // In slices, so that timers and other calls have their turn.
  #release(from: number): void {
    const until = performance.now() + sliceMs;
    let next = from;
    for (let held = this.#held[next]; held; held = this.#held[next]) {
      next += 1;
      begin(held);
      if (performance.now() >= until) break;
    }
    if (next < this.#held.length) {
      setImmediate(() => this.#release(next));
      return;
    }
    this.#held = [];
    this.#watching = false;
    this.#endsAt = Number.POSITIVE_INFINITY;
  }
}

function begin({socket, callback}: Held): void {
  // Nobody listened when it broke while it was held.
  if (socket.destroyed)
    callback(socket.errored ?? new Error('the connection was closed before anything was sent'), null);
  else callback(null, socket);
}
