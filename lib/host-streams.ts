import type {Border} from './border.js';
import type {Channel} from './channel.js';
import {ValueError} from './errors.js';
import type {HostObjects} from './host-objects.js';
import type {NativeRuntime} from './native/binding.js';
import {type PackedValues, packValues} from './pack-values.js';
import {textOf} from './util/text-of.js';

/** Lua's end of a stream. */
export interface OpenedStream {
  readonly channel: Channel;
  /** A host function: why the stream ended early, or nothing. */
  readonly problem: () => Error | undefined;
}

/** What streams need of their runtime. */
export interface StreamHost {
  readonly objects: HostObjects;
  readonly native: Pick<NativeRuntime, 'feed' | 'dropStream'>;
  /** The channel of a stream, for Lua. */
  makeChannel(id: number): Channel;
  /** Told of a stream that failed when Lua cannot ask for its problem any more. */
  unasked(message: string): void;
}

/**
 * Async iterables that host functions answered with. Lua has a channel of each; the next value is made when a goroutine wants
 * one, and the iterator's `return` is called when no goroutine can reach the channel any more.
 */
export class HostStreams {
  readonly #host: StreamHost;
  readonly #open = new Map<number, Stream>();
  #lastId = 0;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  /** @throws TypeError when its iterator is none. */
  open(iterable: AsyncIterable<unknown>, name: string, border: Border): OpenedStream {
    this.#lastId += 1;
    const id = this.#lastId;
    const stream = new Stream({id, name}, iteratorOf(iterable), this.#host.native, border);
    this.#open.set(id, stream);
    const problem = (): Error | undefined => stream.ask();
    this.#host.objects.whenReleased(problem, () => this.#tellUnasked(stream));
    return {channel: this.#host.makeChannel(id), problem};
  }

  /** Somebody waits for a value. */
  pull(id: number): void {
    void this.#open.get(id)?.pull();
  }

  /** Nobody can receive from it any more. */
  gone(id: number): void {
    const stream = this.#open.get(id);
    this.#open.delete(id);
    stream?.stop();
    this.#host.native.dropStream(id);
  }

  /** Stops all; the runtime is closed. */
  stopAll(): void {
    for (const stream of this.#open.values()) {
      stream.stop();
      this.#tellUnasked(stream);
    }
    this.#open.clear();
  }

  // Once: whoever was told has asked.
  #tellUnasked(stream: Stream): void {
    const problem = stream.unasked();
    if (!problem) return;
    stream.ask();
    this.#host.unasked(`a stream of host function '${stream.name}' failed: ${textOf(problem)}`);
  }
}

class Stream {
  /** Of the host function. */
  readonly name: string;
  readonly #id: number;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #native: StreamHost['native'];
  readonly #border: Border;
  #over = false;
  #problem: Error | undefined;
  #asked = false;

  constructor(
    {id, name}: {readonly id: number; readonly name: string},
    iterator: AsyncIterator<unknown>,
    native: StreamHost['native'],
    border: Border,
  ) {
    this.#id = id;
    this.name = name;
    this.#iterator = iterator;
    this.#native = native;
    this.#border = border;
  }

  async pull(): Promise<void> {
    if (this.#over) return;
    try {
      const step: unknown = await this.#iterator.next();
      if (this.#over) return;
      if (!isObject(step)) throw new TypeError(`next() of its async iterator gave ${kindOf(step)}, not {done, value}`);
      const {done, value} = step;
      if (done) this.#end();
      else this.#give(value);
    } catch (error) {
      this.#fail(error);
    }
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#return();
  }

  ask(): Error | undefined {
    this.#asked = true;
    return this.#problem;
  }

  unasked(): Error | undefined {
    return this.#asked ? undefined : this.#problem;
  }

  #give(value: unknown): void {
    let packed: PackedValues;
    try {
      if (value === undefined || value === null)
        throw new ValueError('value', 'nil would end a range over the channel');
      packed = packValues([value], this.#border, 'value');
    } catch (error) {
      this.#fail(error);
      this.#return();
      return;
    }
    this.#native.feed(this.#id, packed);
  }

  #end(): void {
    this.#over = true;
    this.#native.feed(this.#id, undefined);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#problem = error instanceof Error ? error : new Error(textOf(error), {cause: error});
    this.#end();
  }

  // Nobody waits for it; what it throws has nowhere to go but the iterator's own.
  #return(): void {
    const ended = async (): Promise<unknown> => this.#iterator.return?.();
    void ended().catch(() => {});
  }
}

function iteratorOf(iterable: AsyncIterable<unknown>): AsyncIterator<unknown> {
  const iterator: unknown = iterable[Symbol.asyncIterator]();
  if (isObject(iterator) && typeof iterator['next'] === 'function')
    return iterator as unknown as AsyncIterator<unknown>;
  const got = isObject(iterator) ? `an object whose next is ${kindOf(iterator['next'])}` : kindOf(iterator);
  throw new TypeError(
    `[Symbol.asyncIterator]() of its answer must give an iterator, an object with next(); it gave ${got}`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return isObject(value) ? 'an object' : `a ${typeof value}`;
}

/** Whether a host function answers with a stream. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as {[Symbol.asyncIterator]?: unknown})[Symbol.asyncIterator] === 'function'
  );
}
