import {type Border, borderWith} from './border.js';
import {Channel, checkedCapacity} from './channel.js';
import {GoroutineDiagnostics} from './diagnostics.js';
import {EngineList} from './engine-list.js';
import {SlothError} from './errors.js';
import {HostCalls, type Settle} from './host-calls.js';
import type {HostFunction} from './host-function.js';
import {HostObjects} from './host-objects.js';
import {HostOperations} from './host-operations.js';
import {type HostSettings, tellUnasked} from './host-settings.js';
import {HostStreams} from './host-streams.js';
import {LiveCall, type LiveRun, ReportedRun} from './live-run.js';
import {LiveRuns} from './live-runs.js';
import type {LuaFunction} from './lua-function.js';
import {nativeHandleOf} from './lua-handle.js';
import type {HostTool} from './lua-module.js';
import {checkAdvance, ManualClock} from './manual-clock.js';
import {
  type MessageKind,
  messageKinds,
  type NativeBinding,
  type NativeOptions,
  type NativeReport,
  type NativeRuntime,
  type NativeTraceSummary,
  type NativeUncaught,
} from './native/binding.js';
import type {NativeFunction, NativeHandle} from './native/native-handle.js';
import {dropMessage, type PackedValues, packRecord, packValues} from './pack-values.js';
import {checkedLimits, nativeLimits, type ResourceLimits} from './resource-limits.js';
import {type Run, wrapRun} from './run.js';
import type {CallOptions, LoadOptions, RunOptions} from './run-options.js';
import {
  type CallPlace,
  cancelledReport,
  chunkRequest,
  closedError,
  describeReason,
  reportOf,
  timeoutOf,
  unhandledError,
} from './run-requests.js';
import {RuntimeModules} from './runtime-modules.js';
import type {RuntimeStats} from './runtime-stats.js';
import {ScriptOutput} from './script-output.js';
import type {Sendable} from './sendable.js';
import {unpackValues} from './unpack-values.js';
import {asText} from './util/text-of.js';
import {unreachable} from './util/unreachable.js';
import {WaitGroup} from './wait-group.js';

/** What this library's own Lua code is called. */
const ownChunkName = '=[host operations]';

/**
 * The part of a runtime that the public classes share: it numbers runs, carries values over the border, and turns the
 * addon's messages into settled promises. It keeps the process alive exactly while a run is live or it is closing.
 */
export class RuntimeCore {
  readonly binding: NativeBinding;
  readonly operations: HostOperations = new HostOperations(this);
  readonly engines: EngineList;
  readonly output: ScriptOutput;
  readonly #native: NativeRuntime;
  readonly #settings: HostSettings;
  readonly #hostCalls: HostCalls;
  readonly #streams: HostStreams;
  readonly #diagnostics: GoroutineDiagnostics;
  readonly #border: Border;
  readonly #clock = new ManualClock();
  readonly #modules: RuntimeModules;
  readonly #live = new LiveRuns(
    (id, reason) => this.#native.cancel(id, reason),
    () => this.#updateRef(),
  );
  readonly #globals: Record<string, Sendable> = Object.create(null);
  #keepAlive: 'working' | 'always' | 'never' = 'working';
  #closing: Promise<void> | undefined;
  #closed: {readonly resolve: () => void; readonly reject: (error: SlothError) => void} | undefined;
  #dumping: Promise<string> | undefined;
  #dumped: ((text: string) => void) | undefined;

  constructor(binding: NativeBinding, options: NativeOptions, settings: HostSettings) {
    this.binding = binding;
    this.#settings = settings;
    this.output = new ScriptOutput(() => this.#native, settings);
    this.#native = binding.createRuntime(options, (kind, id, a, b, c) =>
      this.#onMessage(messageKinds[kind], id, a, b, c),
    );
    this.#native.unref();
    this.#border = {core: this, objects: new HostObjects(), rules: settings.values};
    this.engines = new EngineList(binding, this.#native, this.#border, options.virtualClock, () => this.#updateRef());
    this.#streams = new HostStreams({
      objects: this.#border.objects,
      native: this.#native,
      makeChannel: (id) => new Channel(this, this.#native.makeStream(id)),
      unasked: (message) => tellUnasked(settings, this.output, message),
    });
    const settle: Settle = (callId, ok, values) => this.#native.settle(callId, ok, values);
    this.#hostCalls = new HostCalls(this.#border, settle, this.#streams, settings.runtime, this.#live);
    this.#diagnostics = new GoroutineDiagnostics(settings.runtime, this.#native, (runId) => this.#live.isOwn(runId));
    const {modules = [], resolveModule} = settings;
    this.#modules = new RuntimeModules(modules, {
      native: this.#native,
      hold: (fn) => {
        this.#hostCalls.addModuleFunction(fn);
        return this.#border.objects.hold(fn);
      },
      pack: (fields, name) => packRecord(fields, this.#border, name),
    });
    const resolver: HostFunction | undefined = resolveModule && ((name) => resolveModule(asText(name)));
    if (resolver) this.#native.setModuleResolver(this.#border.objects.hold(resolver));
  }

  startChunk(source: string | Uint8Array, options: RunOptions): Run {
    return this.#startChunk(source, options, false);
  }

  /** Starts a run that compiles the chunk and returns its function. */
  startLoad(source: string | Uint8Array, options: LoadOptions): Run {
    return this.#startChunk(source, options, true);
  }

  #startChunk(source: string | Uint8Array, options: RunOptions, loadOnly: boolean): Run {
    const border = borderWith(this.#border, options);
    const globals = packRecord({...this.#globals, ...options.globals}, border, 'globals');
    const request = chunkRequest(source, options, {border, globals, loadOnly, timeoutMs: this.#settings.timeoutMs});
    const messages = [request.args, request.globals, ...request.preludes.map(({args}) => args)];
    const isOwn = request.chunkName === ownChunkName;
    return this.#startRun({...options, isOwn}, border, messages, (runId) => this.#native.start(runId, request));
  }

  /** Starts a chunk of this library's own, under no limits. */
  startOwnChunk(source: string): Run {
    return this.#startChunk(source, {chunkName: ownChunkName, timeoutMs: Number.POSITIVE_INFINITY}, false);
  }

  /** Calls a function of this library's own where it lives, under no limits. */
  startOperation(fn: LuaFunction, {args, signal}: CallOptions): Run {
    return this.startCall(fn, {args, signal, timeoutMs: Number.POSITIVE_INFINITY}, {atHome: true, isOwn: true});
  }

  limit(limits: ResourceLimits): void {
    if (this.#closing) throw closedError();
    this.#native.limit(nativeLimits(limits));
  }

  /** Starts a function of this runtime; `atHome`: where it lives, whatever it captured, and a result it comes to stands. */
  startCall(fn: LuaFunction, options: CallOptions, {atHome = false, isOwn = false, output}: CallPlace = {}): Run {
    const native = this.#nativeFunction(fn);
    const limits = options.limits && checkedLimits(options.limits);
    const border = borderWith(this.#border, options);
    const args = packValues(options.args ?? [], border);
    const {failFast = false} = options;
    const limit = timeoutOf(options.timeoutMs ?? this.#settings.timeoutMs);
    const start = (runId: number): void => this.#native.call(runId, native, args, atHome, failFast, limit, limits);
    return this.#startRun({...options, isOwn, output}, border, [args], start);
  }

  /** Starts a function of this runtime, for nothing but what it returns. */
  callFunction(fn: LuaFunction, args: readonly Sendable[]): Promise<Sendable[]> {
    const native = this.#nativeFunction(fn);
    const message = packValues(args, this.#border);
    if (this.#closing) throw closedError();
    const limit = timeoutOf(this.#settings.timeoutMs);
    const id = this.#live.nextId();
    this.#diagnostics.refresh();
    return new Promise((resolve, reject) => {
      this.#native.call(id, native, message, false, false, limit);
      this.#live.enter(id, new LiveCall(this.#border, resolve, reject));
    });
  }

  #nativeFunction(fn: LuaFunction): NativeFunction {
    const native = nativeHandleOf(fn, this);
    if (native === 'foreign') throw new SlothError('E_VALUE', 'cannot spawn a Lua function of another runtime');
    if (native === 'released') throw new SlothError('E_CLOSED', 'this Lua function was released');
    return native;
  }

  defineTool(name: string, schema: Sendable, run: HostTool): Promise<void> {
    return this.#modules.defineTool(name, schema, run);
  }

  defineModule(name: string, fields: Readonly<Record<string, Sendable>>): void {
    if (this.#closing) throw closedError();
    if (typeof name !== 'string' || name === '') throw new SlothError('E_VALUE', 'a module needs a name');
    this.#native.defineModule(name, packRecord(fields, this.#border, name));
  }

  setGlobal(name: string, value: Sendable): void {
    if (this.#closing) throw closedError();
    dropMessage(packRecord({[name]: value}, this.#border, 'globals'), this.#border);
    this.#globals[name] = value;
  }

  makeChannel(capacity: number): Channel {
    return new Channel(this, this.binding.makeHandle('channel', checkedCapacity(capacity)));
  }

  makeWaitGroup(): WaitGroup {
    return new WaitGroup(this, this.binding.makeHandle('wait_group', 0));
  }

  releaseHandle(handle: NativeHandle): void {
    if (!this.#closing) this.#native.releaseHandle(handle);
  }

  stats(): RuntimeStats {
    return this.#native.stats() as Readonly<Record<string, number>> as unknown as RuntimeStats;
  }

  /** Decides when the process stays alive for this runtime: while something runs is the default. */
  keepAlive(when: 'always' | 'never'): void {
    if (this.#closing) return;
    this.#keepAlive = when;
    this.#updateRef();
  }

  #updateRef(): void {
    // Closing keeps the process to its end, whatever messages are still on their way.
    if (this.#closing) return;
    const works = this.#live.size > 0 || this.#dumping !== undefined || this.#clock.isAwaited || this.engines.working;
    if (this.#keepAlive === 'working' ? works : this.#keepAlive === 'always') this.#native.ref();
    else this.#native.unref();
  }

  async advance(ms: number): Promise<void> {
    if (this.#closing) throw closedError();
    checkAdvance(ms, this.#settings.hasManualClock);
    // Somebody has to be there who looks at the clock.
    if (!this.#live.any) await this.startOwnChunk('return').result;
    const rests = this.#clock.wait();
    this.#native.advance(ms);
    this.#updateRef();
    await rests;
  }

  traceSummary(): NativeTraceSummary {
    return this.#native.traceSummary();
  }

  // One at a time: whoever asks meanwhile gets the same.
  dump(): Promise<string> {
    if (this.#dumping) return this.#dumping;
    if (this.#closing) return Promise.reject(new SlothError('E_CLOSED', 'the runtime is closed'));
    this.#native.dump();
    this.#dumping = new Promise((resolve) => {
      this.#dumped = resolve;
    });
    this.#updateRef();
    return this.#dumping;
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.engines.close();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#closed = {resolve, reject};
        this.#live.markClosed();
        this.#native.ref();
        this.#native.close(deadlineMs);
      });
    } finally {
      await this.#modules.close();
    }
  }

  #startRun(
    {signal, limits, isOwn, output}: Pick<CallOptions, 'signal' | 'limits'> & Pick<CallPlace, 'isOwn' | 'output'>,
    border: Border,
    messages: readonly PackedValues[],
    startNative: (runId: number) => void,
  ): Run {
    if (this.#closing) throw closedError();
    const id = this.#live.nextId();
    const live = new ReportedRun(signal, border, (reason) => this.#live.cancel(id, reason));
    Object.assign(live, {isOwn: isOwn === true, output, limits: limits ?? {}} satisfies Partial<LiveRun>);
    this.#diagnostics.refresh();
    if (signal?.aborted) {
      for (const message of messages) dropMessage(message, this.#border);
      live.cause = signal.reason;
      live.settle(cancelledReport(describeReason(signal.reason)));
    } else {
      startNative(id);
      this.#live.enter(id, live);
    }
    return wrapRun({
      id,
      report: live.report,
      cancel: (reason) => this.#live.cancel(id, reason),
      cancellation: () => live.cancellation,
    });
  }

  #onReport(id: number, report: NativeReport): void {
    const told = reportOf(report, this.#live.get(id)?.border ?? this.#border);
    this.#live.take(id)?.settle(told);
  }

  #onDone(id: number, message: readonly unknown[]): void {
    const live = this.#live.take(id);
    live?.succeed(unpackValues(message, live.border));
  }

  #onMessage(kind: MessageKind | undefined, id: number, a: unknown, b: unknown, c: unknown): void {
    switch (kind) {
      case 'run':
        this.#onReport(id, a as NativeReport);
        break;
      case 'done':
        this.#onDone(id, a as unknown[]);
        break;
      case 'call':
        this.#hostCalls.answer(id, {hostId: a as number, args: b as unknown[], runId: Number(c)});
        break;
      case 'abandoned':
        this.#hostCalls.abandon(id);
        break;
      case 'released':
        for (const released of a as number[]) this.#border.objects.release(released);
        break;
      case 'stdout':
      case 'stderr':
        this.output.take(kind, a as Uint8Array, this.#live.get(id)?.output);
        break;
      case 'uncaught':
        this.#settings.unhandled?.(unhandledError(id, a as NativeUncaught));
        break;
      case 'broken':
        this.#onBroken(a as 'stdout' | 'stderr');
        break;
      case 'pull':
        this.#streams.pull(id);
        break;
      case 'gone':
        for (const stream of a as number[]) this.#streams.gone(stream);
        break;
      case 'events':
        this.#diagnostics.publish(a as unknown[]);
        break;
      case 'clock':
        this.#clock.rests();
        this.#updateRef();
        break;
      case 'more':
        this.#resumeLater();
        break;
      case 'dump':
        this.#onDump(a as string);
        break;
      case 'idle':
        this.engines.onIdle();
        break;
      case 'closed':
        this.#onClosed();
        break;
      case 'nothing':
      case undefined:
        throw new Error('the addon sent a message of no known kind');
      default:
        unreachable(kind);
    }
  }

  #onBroken(stream: 'stdout' | 'stderr'): void {
    if (this.#settings.broken) this.#settings.broken(stream);
    else this.#live.cancelAll(`nobody reads ${stream} any more`);
  }

  // The rest of what waits is for another turn of the event loop: timers and others have theirs first.
  #resumeLater(): void {
    const immediate = setImmediate(() => this.#native.resume());
    if (this.#keepAlive === 'never') immediate.unref();
  }

  #onDump(text: string): void {
    this.#dumping = undefined;
    this.#updateRef();
    this.#dumped?.(text);
  }

  #onClosed(): void {
    this.#hostCalls.abandonAll();
    this.#streams.stopAll();
    this.#clock.close();
    this.#border.objects.clear();
    this.#live.settleAll(cancelledReport('the runtime was closed'));
    this.#native.unref();
    const {error} = this.#native.traceSummary();
    if (error) this.#closed?.reject(new SlothError('E_FILE', `the trace is not complete: ${error}`));
    else this.#closed?.resolve();
  }
}
