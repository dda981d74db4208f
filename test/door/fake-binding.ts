import {
  bindingOption,
  type NativeBinding,
  type NativeCall,
  type NativeListener,
  type NativeOptions,
  type NativeReport,
  type NativeRuntime,
  type NativeStart,
} from '../../lib/native/binding.js';
import {type NativeFunction, nativeFunctionMark} from '../../lib/native/native-function.js';
import {Runtime} from '../../lib/runtime.js';
import type {RuntimeOptions} from '../../lib/runtime-options.js';

/** A native function handle that stands for nothing. */
export class FakeFunction implements NativeFunction {
  readonly [nativeFunctionMark] = true;
  get kind(): 'function' {
    return 'function';
  }
}

export interface Settled {
  readonly ok: boolean;
  readonly values: unknown[];
}

/** Stands in for the addon: records what it is asked, and reports what a test tells it to. */
export class FakeNative implements NativeRuntime {
  readonly starts = new Map<number, NativeStart>();
  readonly calls = new Map<number, {readonly fn: NativeFunction; readonly request: NativeCall}>();
  readonly cancels: {readonly runId: number; readonly reason: string}[] = [];
  readonly settled = new Map<number, Settled>();
  resolver = 0;
  readonly modules = new Map<string, Record<string, unknown>>();
  readonly released: NativeFunction[] = [];
  readonly deadlines: number[] = [];
  referenced = true;
  readonly options: NativeOptions;
  readonly send: NativeListener;

  constructor(options: NativeOptions, send: NativeListener) {
    this.options = options;
    this.send = send;
  }

  start(runId: number, request: NativeStart): void {
    this.starts.set(runId, request);
  }

  call(runId: number, fn: NativeFunction, request: NativeCall): void {
    this.calls.set(runId, {fn, request});
  }

  cancel(runId: number, reason: string): void {
    this.cancels.push({runId, reason});
  }

  settle(callId: number, ok: boolean, values: unknown[]): void {
    this.settled.set(callId, {ok, values});
  }

  setModuleResolver(hostId: number): void {
    this.resolver = hostId;
  }

  defineModule(name: string, fields: Record<string, unknown>): void {
    this.modules.set(name, fields);
  }

  releaseFunction(fn: NativeFunction): void {
    this.released.push(fn);
  }

  close(deadlineMs: number): void {
    this.deadlines.push(deadlineMs);
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }

  stats(): Record<string, number> {
    return {goroutines: 0};
  }

  /** What a run was started with. */
  startOf(runId: number): NativeStart {
    const start = this.starts.get(runId);
    if (!start) throw new Error(`run ${runId} was not started`);
    return start;
  }

  /** Ends a run as the addon would. */
  report(runId: number, report: Partial<NativeReport>): void {
    this.send('run', runId, {kind: 'succeeded', values: [], uncaught: 0, ...report}, undefined);
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
    createRuntime(nativeOptions, onMessage) {
      native = new FakeNative(nativeOptions, onMessage);
      return native;
    },
  };
  const runtime = new Runtime({...options, [bindingOption]: binding} as RuntimeOptions);
  if (!native) throw new Error('the runtime made no native part');
  return {runtime, native};
}
