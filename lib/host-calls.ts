import type {Border} from './border.js';
import {SlothError} from './errors.js';
import type {HostCall, HostFunction} from './host-function.js';
import {type PackedValues, packThrown, packValues} from './pack-values.js';
import {Results} from './results.js';
import {unpackValues} from './unpack-values.js';
import {defaultRules} from './value-options.js';

/** How a host call is answered; as the addon's `settle`. */
export type Settle = (callId: number, ok: boolean, values: PackedValues) => void;

/** The calls of one runtime's host functions that are not answered yet. */
export class HostCalls {
  readonly #pending = new Map<number, PendingCall>();
  readonly #border: Border;
  readonly #moduleBorder: Border;
  readonly #moduleFunctions = new WeakSet<HostFunction>();
  readonly #settle: Settle;

  constructor(border: Border, settle: Settle) {
    this.#border = border;
    this.#moduleBorder = {...border, rules: defaultRules};
    this.#settle = settle;
  }

  /** The function belongs to a module: its values cross by the default rules, whatever the host chose for its own. */
  addModuleFunction(fn: HostFunction): void {
    this.#moduleFunctions.add(fn);
  }

  /** Calls a function for a goroutine and answers it: at once, or when its promise settles. */
  answer(callId: number, hostId: number, args: readonly unknown[]): void {
    const call = new PendingCall();
    this.#pending.set(callId, call);
    try {
      const fn = this.#border.objects.get(hostId) as HostFunction;
      const border = this.#moduleFunctions.has(fn) ? this.#moduleBorder : this.#border;
      const answer: unknown = Reflect.apply(fn, call, unpackValues(args, border));
      if (isThenable(answer))
        answer.then(
          (value) => this.#succeed(callId, value, border),
          (error) => this.#fail(callId, error),
        );
      else this.#succeed(callId, answer, border);
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

  #succeed(callId: number, answer: unknown, border: Border): void {
    if (!this.#pending.delete(callId)) return;
    try {
      this.#settle(callId, true, packValues(valuesOf(answer), border, 'results'));
    } catch (error) {
      this.#settle(callId, false, packThrown(error, this.#border));
    }
  }

  #fail(callId: number, error: unknown): void {
    if (this.#pending.delete(callId)) this.#settle(callId, false, packThrown(error, this.#border));
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
