import type {Border} from '../../lib/border.js';
import {HostObjects} from '../../lib/host-objects.js';
import {LuaHandle} from '../../lib/lua-handle.js';
import {
  bindingOption,
  type MessageKind,
  messageKinds,
  type NativeBinding,
  type NativeListener,
  type NativeOptions,
  type NativeReport,
  type NativeRuntime,
  type NativeStart,
  type NativeTraceSummary,
} from '../../lib/native/binding.js';
import type {NativeFunction, NativeHandle} from '../../lib/native/native-handle.js';
import {packValues} from '../../lib/pack-values.js';
import {Runtime} from '../../lib/runtime.js';
import type {RuntimeCore} from '../../lib/runtime-core.js';
import type {RuntimeOptions} from '../../lib/runtime-options.js';
import {unpackValues} from '../../lib/unpack-values.js';
import {defaultRules} from '../../lib/value-options.js';

const noCore = {} as RuntimeCore;

/** A native function handle that stands for nothing; the public one goes into reports. */
export class FakeFunction {
  readonly native: NativeFunction = {kind: 'Lua function', view: 'full'};
  readonly handle = new LuaHandle(noCore, this.native);
}

/** What the addon finds in a message: host functions and errors as they are described there. */
export function read(message: readonly unknown[]): unknown[] {
  const [bytes, ...handles] = message;
  const objects = {get: (index: number) => handles[index]};
  const border = {objects, rules: defaultRules} as unknown as Border;
  return unpackValues([Buffer.from(bytes as Uint8Array), 0, ...handles.keys()], border);
}

interface FakeCall {
  readonly args: unknown[];
  readonly atHome: boolean;
  readonly failFast: boolean;
  readonly timeoutMs: number;
}

/** What the addon sends for values. */
export function write(values: readonly unknown[]): unknown[] {
  const [bytes, ...handles] = packValues(values, {core: noCore, objects: new HostObjects(), rules: defaultRules});
  return [Buffer.from(bytes as Uint8Array), 0, ...handles];
}

function pairs(fields: readonly unknown[]): Record<string, unknown> {
  const values = read(fields);
  const names = values.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [String(name), values[2 * index + 1]]));
}

/** A start as it was asked for, its messages read. */
export type FakeStart = Omit<NativeStart, 'globals'> & {readonly globals: Record<string, unknown>};

export interface Settled {
  readonly ok: boolean;
  readonly values: unknown[];
}

/** Stands in for the addon: records what it is asked, and reports what a test tells it to. */
export class FakeNative implements NativeRuntime {
  readonly starts = new Map<number, FakeStart>();
  readonly calls = new Map<number, {readonly fn: NativeFunction; readonly request: FakeCall}>();
  readonly cancels: {readonly runId: number; readonly reason: string}[] = [];
  readonly settled = new Map<number, Settled>();
  resolver = 0;
  readonly modules = new Map<string, Record<string, unknown>>();
  readonly released: NativeHandle[] = [];
  readonly deadlines: number[] = [];
  referenced = true;
  dumps = 0;
  readonly options: NativeOptions;
  readonly #listener: NativeListener;

  constructor(options: NativeOptions, listener: NativeListener) {
    this.options = options;
    this.#listener = listener;
  }

  send(kind: MessageKind, id: number, a: unknown, b: unknown, c?: unknown): void {
    this.#listener(messageKinds.indexOf(kind), id, a, b, c);
  }

  start(runId: number, request: NativeStart): void {
    const preludes = request.preludes.map((prelude) => ({...prelude, args: read(prelude.args)}));
    this.starts.set(runId, {...request, preludes, args: read(request.args), globals: pairs(request.globals)});
  }

  call(...[runId, fn, args, atHome, failFast, timeoutMs]: Parameters<NativeRuntime['call']>): void {
    this.calls.set(runId, {fn, request: {args: read(args), atHome, failFast, timeoutMs}});
  }

  cancel(runId: number, reason: string): void {
    this.cancels.push({runId, reason});
  }

  settle(callId: number, ok: boolean, values: unknown[]): void {
    this.settled.set(callId, {ok, values: read(values)});
  }

  setModuleResolver(hostId: number): void {
    this.resolver = hostId;
  }

  addModule(): void {}

  defineModule(name: string, fields: unknown[]): void {
    this.modules.set(name, pairs(fields));
  }

  releaseHandle(handle: NativeHandle): void {
    this.released.push(handle);
  }

  makeStream(): NativeHandle {
    return fail('makeStream');
  }

  feed(): void {}
  dropStream(): void {}
  watch(): void {}
  holdOutput(): void {}
  divertOutput(): void {}
  resume(): void {}
  limit(): void {}
  advance(): void {}

  close(deadlineMs: number): void {
    this.deadlines.push(deadlineMs);
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }

  dump(): void {
    this.dumps += 1;
  }

  traceSummary(): NativeTraceSummary {
    return {events: 0, dropped: 0};
  }

  stats(): Record<string, number> {
    return {goroutines: 0};
  }

  /** What a run was started with. */
  startOf(runId: number): FakeStart {
    const start = this.starts.get(runId);
    if (!start) throw new Error(`run ${runId} was not started`);
    return start;
  }

  /** Ends a run as the addon would. */
  report(runId: number, report: Partial<NativeReport>): void {
    const values = write(report.values ?? []);
    this.send('run', runId, {kind: 'succeeded', uncaught: 0, ...report, values}, undefined);
  }
}

function fail(name: string): never {
  throw new Error(`the fake addon has no ${name}`);
}

/** A runtime on a fake addon. */
export function fakeRuntime(options: RuntimeOptions = {}): {readonly runtime: Runtime; readonly native: FakeNative} {
  let native: FakeNative | undefined;
  const binding: NativeBinding = {
    luaVersion: 'Lua 5.4 (fake)',
    luaFunctions: () => [],
    makeHandle: () => fail('makeHandle'),
    channelState: () => fail('channelState'),
    closeChannel: () => fail('closeChannel'),
    addToWaitGroup: () => fail('addToWaitGroup'),
    createEngine: () => fail('createEngine'),
    createRuntime(nativeOptions, onMessage) {
      native = new FakeNative(nativeOptions, onMessage);
      return native;
    },
  };
  const runtime = new Runtime({...options, [bindingOption]: binding} as RuntimeOptions);
  if (!native) throw new Error('the runtime made no native part');
  return {runtime, native};
}
