import {LuaError, SlothError} from './errors.js';
import source from './host-operations.lua';
import type {LuaFunction} from './lua-function.js';
import type {RuntimeCore} from './runtime-core.js';
import type {Sendable} from './sendable.js';
import {asText} from './util/text-of.js';

/** How an operation of the host ended; `value` is what it received. */
export interface Operation {
  readonly outcome: 'done' | 'closed' | 'timeout' | 'full' | 'empty';
  readonly value: Sendable;
}

/** What every operation that may wait takes. */
export interface WaitOptions {
  /** Gives up; the operation then did not happen. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after this time. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

type Name = 'send' | 'receive' | 'try_send' | 'try_receive' | 'wait';

/**
 * What JavaScript does with channels and wait groups: each operation is a goroutine, so that waiting, closing, timeouts
 * and cancelling are those of Lua. The functions are loaded with the first operation.
 */
export class HostOperations {
  readonly #core: RuntimeCore;
  #functions: Promise<Record<Name, LuaFunction>> | undefined;

  constructor(core: RuntimeCore) {
    this.#core = core;
  }

  /**
   * @throws SlothError `E_ABORTED` when the signal ended it, `E_CLOSED` when the runtime is closed, `E_VALUE` for an
   * argument that cannot cross or the wrong view of a channel.
   */
  async run(name: Name, args: readonly Sendable[], {signal}: WaitOptions = {}): Promise<Operation> {
    this.#functions ??= this.#load();
    const functions = await this.#functions;
    try {
      const [outcome, value] = await this.#core.startOperation(functions[name], {args, signal}).result;
      return {outcome: asText(outcome) as Operation['outcome'], value};
    } catch (error) {
      if (error instanceof LuaError) throw new SlothError('E_VALUE', error.message, {cause: error});
      throw error;
    }
  }

  async #load(): Promise<Record<Name, LuaFunction>> {
    const [functions] = await this.#core.startOwnChunk(source).result;
    return functions as unknown as Record<Name, LuaFunction>;
  }
}

/** A time limit as seconds, milliseconds times `factor`; nothing for none. */
export function limitOf(timeoutMs: number | undefined, factor: number): number | undefined {
  if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  if (timeoutMs >= 0) return timeoutMs * factor;
  throw new SlothError('E_VALUE', `timeoutMs must be a number of milliseconds, got ${String(timeoutMs)}`);
}
