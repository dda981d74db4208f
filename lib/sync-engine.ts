import type {Border, LocalBorder} from './border.js';
import {ExitError, LuaError, SlothError} from './errors.js';
import {HostObjectAccess} from './host-object-access.js';
import {LuaHandle} from './lua-handle.js';
import {makeLuaObject} from './lua-table.js';
import type {
  EngineFailure,
  NativeEngine,
  NativeEngineCallbacks,
  NativeEngineOptions,
  ObjectRule,
} from './native/native-engine.js';
import type {NativeHandle} from './native/native-handle.js';
import {packThrown, packValues} from './pack-values.js';
import {Results} from './results.js';
import type {RuntimeCore} from './runtime-core.js';
import {LuaFloat, luaNull} from './special-values.js';
import {unpackValues} from './unpack-values.js';
import {isThenable} from './util/thenable.js';
import type {ValueRules} from './value-options.js';

/** The inner part of a `Lua`: the addon's engine, and what values that cross to it and back become. */
export class SyncEngine {
  readonly native: NativeEngine;
  readonly border: Border;
  readonly #core: RuntimeCore;
  readonly #rule: ObjectRule;
  /** The handles of what stands for something of Lua. */
  readonly #handles = new WeakMap<object, NativeHandle>();
  readonly #ending = new AbortController();
  #closed = false;

  constructor(core: RuntimeCore, rules: ValueRules, options: Omit<NativeEngineOptions, 'plainStrings' | 'nullIsNil'>) {
    this.#core = core;
    this.#rule = options.objects;
    this.border = {...core.engines.border, rules, local: this.localBorder(options.objects)};
    const plain = {plainStrings: rules.strings === 'auto', nullIsNil: rules.nulls === 'nil'};
    this.native = core.engines.make({...options, ...plain}, this.#callbacks(), () => this.close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ending.abort(closedError());
    this.native.close();
    this.#core.engines.remove(this.native);
  }

  /** What crosses by reference under a rule. */
  localBorder(rule: ObjectRule): LocalBorder {
    return {
      handleOf: (value) => this.#handles.get(value),
      refersToAll: rule === 'reference',
      refersTo: (value) => (rule === 'reference' ? isObject(value) : rule === 'auto' && !isThenable(value)),
      wrap: (handle) => this.#wrap(handle),
    };
  }

  #wrap(handle: NativeHandle): unknown {
    const known = this.native.known(handle);
    if (typeof known !== 'string') return known;
    const object =
      known === 'function'
        ? this.native.makeFunction(handle)
        : this.native.adopt(makeLuaObject(this.native, handle, known), handle);
    if (object) this.#handles.set(object, handle);
    return object;
  }

  #callbacks(): NativeEngineCallbacks {
    const {border} = this;
    const access = new HostObjectAccess();
    return {
      pack: (values) => packValues(values, border),
      unpack: (message) => unpackValues(message, border),
      lookUp: (id) => border.objects.get(id),
      answer: (value, name) => this.#packAnswer(value, name),
      thrown: (error) => packThrown(error, border),
      failure: (...facts) => this.#errorOf(...facts),
      working: () => this.#core.engines.onWorking(),
      index: (object, key) => access.index(object, key),
      newIndex: (object, key, value) => access.newIndex(object, key, value),
      length: (object) => access.length(object),
      entries: (object) => new Results(access.entries(object) as never[]),
      nothing: () => {},
      closed: closedError,
      hostThis: {signal: this.#ending.signal},
    };
  }

  #packAnswer(value: unknown, name: string): unknown[] {
    if (isThenable(value) && this.#rule !== 'reference') {
      throw new SlothError(
        'E_VALUE',
        `host function '${name}' returned a promise, and the synchronous engine cannot wait for it; ` +
          "call it from a Runtime, or pass promises by reference (objects: 'reference')",
      );
    }
    return packValues(value instanceof Results ? value.values : [value], this.border, 'results');
  }

  #errorOf(
    kind: EngineFailure,
    message: string = kind,
    luaTraceback?: string,
    error?: unknown[],
    exitCode?: number,
  ): Error {
    const made = this.#makeError(kind, message, luaTraceback || undefined, error, exitCode);
    Error.captureStackTrace(made, this.#errorOf);
    return made;
  }

  #makeError(
    kind: EngineFailure,
    message: string,
    luaTraceback: string | undefined,
    error: unknown[] | undefined,
    exitCode: number | undefined,
  ): Error {
    switch (kind) {
      case 'failed':
        return new LuaError(message, {luaTraceback, ...(error && {cause: unpackValues(error, this.border)[0]})});
      case 'memory':
        return new SlothError('E_MEMORY', message, {luaTraceback});
      case 'syntax':
        return new SlothError('E_SYNTAX', message);
      case 'timeout':
        return new SlothError('E_TIMEOUT', message, {luaTraceback});
      case 'exit':
        return new ExitError(exitCode ?? 0);
      default:
        return this.#closed ? closedError() : new SlothError('E_ABORTED', message, {luaTraceback});
    }
  }
}

function closedError(): SlothError {
  return new SlothError('E_CLOSED', 'the engine is closed');
}

/** Whether it is one that has no way of its own to cross. */
function isObject(value: object): boolean {
  const hasOwnWay =
    value === luaNull || value instanceof LuaHandle || value instanceof LuaFloat || value instanceof Error;
  return !hasOwnWay && !(value instanceof Uint8Array) && !(value instanceof ArrayBuffer);
}
