import {SlothError} from './errors.js';
import type {HostCall, HostFunction} from './host-function.js';
import {HostFunctionRef} from './native/host-function-ref.js';
import {Results} from './results.js';
import {textOf} from './util/text-of.js';

/** How a host call is answered; as the addon's `settle`. */
export type Settle = (callId: number, ok: boolean, values: readonly unknown[]) => void;

/** The JavaScript functions one runtime has handed to Lua, and the calls to them that are not answered yet. */
export class HostCalls {
  readonly #functions = new Map<number, HostFunction>();
  readonly #refs = new Map<HostFunction, HostFunctionRef>();
  readonly #pending = new Map<number, PendingCall>();
  readonly #settle: Settle;

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  /** The reference that stands for a function; the same one each time. */
  refOf(fn: HostFunction): HostFunctionRef {
    const known = this.#refs.get(fn);
    if (known) return known;
    const ref = new HostFunctionRef(this.#refs.size + 1, fn.name || 'host function');
    this.#refs.set(fn, ref);
    this.#functions.set(ref.hostId, fn);
    return ref;
  }

  /** The function behind a reference's number. */
  functionOf(hostId: number): HostFunction | undefined {
    return this.#functions.get(hostId);
  }

  /** Calls a function for a goroutine and answers it: at once, or when its promise settles. */
  answer(callId: number, hostId: number, args: () => unknown[]): void {
    const fn = this.#functions.get(hostId) as ((...args: unknown[]) => unknown) | undefined;
    if (!fn) {
      this.#settle(callId, false, ['this host function is gone']);
      return;
    }
    const call = new PendingCall();
    this.#pending.set(callId, call);
    try {
      const answer = Reflect.apply(fn, call, args());
      if (isThenable(answer))
        answer.then(
          (value) => this.#succeed(callId, value),
          (error) => this.#fail(callId, error),
        );
      else this.#succeed(callId, answer);
    } catch (error) {
      this.#fail(callId, error);
    }
  }

  /** The goroutine that made the call was cancelled: its answer is not wanted any more. */
  abandon(callId: number): void {
    const call = this.#pending.get(callId);
    this.#pending.delete(callId);
    call?.abort();
  }

  /** Abandons every call; the runtime is closed. */
  abandonAll(): void {
    for (const callId of [...this.#pending.keys()]) this.abandon(callId);
  }

  #succeed(callId: number, answer: unknown): void {
    if (!this.#pending.delete(callId)) return;
    try {
      this.#settle(callId, true, valuesOf(answer));
    } catch (error) {
      this.#settle(callId, false, [messageOf(error)]);
    }
  }

  #fail(callId: number, error: unknown): void {
    if (this.#pending.delete(callId)) this.#settle(callId, false, [messageOf(error)]);
  }
}

class PendingCall implements HostCall {
  #controller: AbortController | undefined;
  #aborted = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort(new SlothError('E_ABORTED', 'the goroutine that made this call was cancelled'));
  }
}

function valuesOf(answer: unknown): readonly unknown[] {
  if (answer instanceof Results) return answer.values;
  return answer === undefined ? [] : [answer];
}

function messageOf(error: unknown): string {
  return textOf(error, 'the host function threw ');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
