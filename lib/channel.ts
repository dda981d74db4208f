import {SlothError} from './errors.js';
import {limitOf, type WaitOptions} from './host-operations.js';
import {LuaHandle, liveHandleOf} from './lua-handle.js';
import type {NativeHandle} from './native/native-handle.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';

/**
 * A channel of Lua, seen from JavaScript: {@link Runtime.channel} makes one, and Lua code may send its own. It crosses by
 * reference; values are copied. As long as JavaScript holds it, runs that share it are not called deadlocked.
 *
 * @example
 * ```ts
 * const lines = runtime.channel<string>(10);
 * const run = runtime.spawn('local out = ... for i = 1, 3 do out:send("line " .. i) end out:close()', lines);
 * for await (const line of lines) console.log(line);
 * await run.result;
 * ```
 */
export class Channel<T = Sendable> extends LuaHandle {
  readonly #core: RuntimeCore;

  /** @internal Handles are made by the runtime. */
  constructor(core: RuntimeCore, native: NativeHandle) {
    super(core, native);
    this.#core = core;
  }

  /** How many values it holds now. */
  get length(): number {
    return this.#core.binding.channelState(liveHandleOf(this)).length;
  }

  /** How many values it holds before senders wait. */
  get capacity(): number {
    return this.#core.binding.channelState(liveHandleOf(this)).capacity;
  }

  /** Whether nothing more can be sent; what it holds may still be received. */
  get closed(): boolean {
    return this.#core.binding.channelState(liveHandleOf(this)).closed;
  }

  /** What it allows: a half that Lua code sent (`as_sender`, `as_receiver`) allows one direction. */
  get view(): 'full' | 'send' | 'receive' {
    return liveHandleOf(this).view;
  }

  /**
   * Sends a copy of the value; resolves when a receiver or the buffer has it.
   *
   * @throws SlothError `E_CLOSED` when the channel or the runtime is closed, `E_TIMEOUT`, `E_ABORTED`, and `E_VALUE` for a
   * value that cannot cross or a receive-only half.
   */
  async send(value: T, options: WaitOptions = {}): Promise<void> {
    const args = [this as Channel, value as Sendable, limitOf(options.timeoutMs, 1e-3)];
    const {outcome} = await this.#core.operations.run('send', args, options);
    if (outcome === 'closed') throw new SlothError('E_CLOSED', 'send on closed channel');
    if (outcome === 'timeout') throw timedOut('sent', options);
  }

  /**
   * Takes the next value: `{done: false, value}`, or `{done: true}` once the channel is closed and drained.
   *
   * @throws SlothError `E_TIMEOUT`, `E_ABORTED`, `E_CLOSED` when the runtime is closed, and `E_VALUE` for a send-only half.
   */
  async next(options: WaitOptions = {}): Promise<IteratorResult<T, undefined>> {
    const args = [this as Channel, limitOf(options.timeoutMs, 1e-3)];
    const {outcome, value} = await this.#core.operations.run('receive', args, options);
    if (outcome === 'timeout') throw timedOut('received', options);
    return outcome === 'done' ? {done: false, value: value as T} : {done: true, value: undefined};
  }

  /** As {@link Channel.next}, without the wrapping: the value, or `undefined` once the channel is closed and drained. */
  async receive(options: WaitOptions = {}): Promise<T | undefined> {
    return (await this.next(options)).value;
  }

  /** Sends if a receiver waits or the buffer has room: `false` otherwise. */
  async trySend(value: T): Promise<boolean> {
    const {outcome} = await this.#core.operations.run('try_send', [this as Channel, value as Sendable]);
    if (outcome === 'closed') throw new SlothError('E_CLOSED', 'send on closed channel');
    return outcome === 'done';
  }

  /** Takes a value if there is one: `undefined` when the channel is empty, `{done: true}` when it is closed and drained. */
  async tryReceive(): Promise<IteratorResult<T, undefined> | undefined> {
    const {outcome, value} = await this.#core.operations.run('try_receive', [this as Channel]);
    if (outcome === 'empty') return undefined;
    return outcome === 'done' ? {done: false, value: value as T} : {done: true, value: undefined};
  }

  /** Closes it: receivers get what it holds, then the end. Returns `false` when it was closed before. */
  close(): boolean {
    if (liveHandleOf(this).view === 'receive') throw new SlothError('E_VALUE', 'cannot close a receive-only channel');
    return this.#core.binding.closeChannel(liveHandleOf(this));
  }

  /**
   * The values until the channel is closed, each received when it is asked for: who reads slowly makes senders wait. Leaving the
   * loop takes a receive that still waits back, and leaves the channel as it is.
   *
   * @throws SlothError as {@link Channel.next} says; `E_ABORTED` when the signal ends it.
   */
  values({signal}: {readonly signal?: AbortSignal | undefined} = {}): AsyncIterableIterator<T, undefined> {
    const left = new AbortController();
    const both = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
    const over = {done: true, value: undefined} as const;
    return {
      next: async () => {
        if (left.signal.aborted) return over;
        try {
          return await this.next({signal: both});
        } catch (error) {
          if (left.signal.aborted) return over;
          throw error;
        }
      },
      return: async () => {
        left.abort();
        return over;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** As {@link Channel.values}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.values();
  }
}

/** The most values that a channel may hold, as `channel.make` allows. */
const mostBuffered = 2 ** 24;

/** Checks what is to be a channel's capacity. @throws SlothError `E_VALUE` unless it is an integer in range. */
export function checkedCapacity(capacity: number): number {
  if (Number.isInteger(capacity) && capacity >= 0 && capacity <= mostBuffered) return capacity;
  throw new SlothError('E_VALUE', `capacity must be an integer from 0 to ${mostBuffered}, got ${String(capacity)}`);
}

function timedOut(what: string, {timeoutMs}: WaitOptions): SlothError {
  return new SlothError('E_TIMEOUT', `nothing was ${what} within ${timeoutMs} ms`);
}
