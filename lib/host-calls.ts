import type {Border} from './border.js';
import {nameOf} from './describe-thrown.js';
import {type HostAnswerEvent, type HostCallEvent, hostChannels} from './diagnostics.js';
import {SlothError} from './errors.js';
import type {HostCall, HostFunction} from './host-function.js';
import {type HostStreams, isAsyncIterable} from './host-streams.js';
import type {LiveRuns} from './live-runs.js';
import {LuaHandle} from './lua-handle.js';
import {type PackedValues, packThrown, packValues} from './pack-values.js';
import type {ResourceLimits} from './resource-limits.js';
import {Results} from './results.js';
import {unpackValues} from './unpack-values.js';
import {isThenable} from './util/thenable.js';
import {defaultRules} from './value-options.js';

/** How a host call is answered; as the addon's `settle`. */
export type Settle = (callId: number, ok: boolean, values: PackedValues) => void;

/** A call as it arrives. */
export interface IncomingCall {
  readonly hostId: number;
  readonly args: readonly unknown[];
  readonly runId: number;
}

/** The calls of one runtime's host functions that are not answered yet. */
export class HostCalls {
  readonly #pending = new Map<number, PendingCall>();
  readonly #border: Border;
  readonly #moduleBorder: Border;
  readonly #moduleFunctions = new WeakSet<HostFunction>();
  readonly #settle: Settle;
  readonly #streams: HostStreams;
  readonly #runtime: object;
  readonly #live: Pick<LiveRuns, 'limitsOf'>;

  /** @param runtime what diagnostics name. */
  constructor(border: Border, settle: Settle, streams: HostStreams, runtime: object, live: Pick<LiveRuns, 'limitsOf'>) {
    this.#border = border;
    this.#moduleBorder = {...border, rules: defaultRules};
    this.#settle = settle;
    this.#streams = streams;
    this.#runtime = runtime;
    this.#live = live;
  }

  /** The function belongs to a module: its values cross by the default rules, whatever the host chose for its own. */
  addModuleFunction(fn: HostFunction): void {
    this.#moduleFunctions.add(fn);
  }

  /** Calls a function for a goroutine and answers it: at once, or when its promise settles. */
  answer(callId: number, {hostId, args, runId}: IncomingCall): void {
    const fn = this.#border.objects.get(hostId) as ((...args: unknown[]) => unknown) | HostFunction;
    const call = new PendingCall(fn, runId, this.#live.limitsOf(runId));
    this.#pending.set(callId, call);
    if (hostChannels.call.hasSubscribers || hostChannels.answer.hasSubscribers) this.#tellCall(callId, call);
    try {
      const border = this.#moduleFunctions.has(fn as HostFunction) ? this.#moduleBorder : this.#border;
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
    const call = this.#take(callId, true);
    if (!call) return;
    try {
      if (isAsyncIterable(answer) && !(answer instanceof LuaHandle))
        this.#answerStream(callId, answer, call.name, border);
      else this.#settle(callId, true, packValues(valuesOf(answer, border === this.#moduleBorder), border, 'results'));
    } catch (error) {
      this.#settle(callId, false, packThrown(error, this.#border));
    }
  }

  #answerStream(callId: number, iterable: AsyncIterable<unknown>, name: string, border: Border): void {
    const {channel, problem} = this.#streams.open(iterable, name, border);
    this.#settle(callId, true, packValues([channel, problem], border, 'results'));
    channel.release();
  }

  #fail(callId: number, error: unknown): void {
    if (this.#take(callId, false)) this.#settle(callId, false, packThrown(error, this.#border));
  }

  #take(callId: number, ok: boolean): PendingCall | undefined {
    const call = this.#pending.get(callId);
    this.#pending.delete(callId);
    if (call && call.began >= 0) this.#tellAnswer(callId, call, ok);
    return call;
  }

  #tellCall(callId: number, call: PendingCall): void {
    call.began = performance.now();
    hostChannels.call.publish({runtime: this.#runtime, callId, name: call.name} satisfies HostCallEvent);
  }

  #tellAnswer(callId: number, {name, began}: PendingCall, ok: boolean): void {
    const durationMs = performance.now() - began;
    hostChannels.answer.publish({runtime: this.#runtime, callId, name, ok, durationMs} satisfies HostAnswerEvent);
  }
}

class PendingCall implements HostCall {
  readonly #fn: object;
  readonly runId: number;
  readonly limits: ResourceLimits;
  /** When it began, if somebody is told; else -1. */
  began = -1;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(fn: object, runId: number, limits: ResourceLimits) {
    this.#fn = fn;
    this.runId = runId;
    this.limits = limits;
  }

  get name(): string {
    return nameOf(this.#fn);
  }

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

// What a module tells is a value, be it nil; a host's own function that returns nothing gives none.
function valuesOf(answer: unknown, ofModule: boolean): readonly unknown[] {
  if (answer instanceof Results) return answer.values;
  return answer === undefined && !ofModule ? [] : [answer];
}
