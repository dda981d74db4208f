import {type ErrorCode, type ErrorDetails, SlothError} from './util/sloth-error.js';

export {type ErrorCode, type ErrorDetails, SlothError};

/**
 * Lua code raised an error nobody caught (`E_LUA`); `luaTraceback` says where it was. Its `cause` is the error value, unless that
 * was a string: what a host function threw is itself again, a table is an object.
 */
export class LuaError extends SlothError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('E_LUA', message, details);
  }

  static {
    LuaError.prototype.name = 'LuaError';
  }
}

/** Lua code called `os.exit` (`E_EXIT`). */
export class ExitError extends SlothError {
  /** What `os.exit` was given: `true` is 0 and `false` is 1. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('E_EXIT', `Lua code called os.exit(${exitCode})`);
    this.exitCode = exitCode;
  }

  static {
    ExitError.prototype.name = 'ExitError';
  }
}

/** A run succeeded, but errors in its goroutines reached nobody (`E_UNCAUGHT`). They were printed when they happened. */
export class UncaughtError extends SlothError {
  /** How many there were. */
  readonly uncaught: number;

  constructor(uncaught: number) {
    const what = uncaught === 1 ? '1 goroutine failed and nobody' : `${uncaught} goroutines failed and nobody`;
    super('E_UNCAUGHT', `${what} awaited it; see the runtime's stderr`);
    this.uncaught = uncaught;
  }

  static {
    UncaughtError.prototype.name = 'UncaughtError';
  }
}

/**
 * A value that cannot cross between JavaScript and Lua (`E_VALUE`): a `TypeError`, and a {@link SlothError} too. The message begins with its path: `args[0].list[3].socket: a symbol
 * cannot cross into Lua`.
 *
 * @example
 * ```ts
 * try {
 *   runtime.start('', {args: [{when: Symbol('now')}]});
 * } catch (error) {
 *   if (error instanceof ValueError) console.error(error.path); // args[0].when
 * }
 * ```
 */
export class ValueError extends TypeError {
  readonly code: ErrorCode = 'E_VALUE';
  readonly luaTraceback: string | undefined;
  /** Where the value stands. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }

  static {
    ValueError.prototype.name = 'ValueError';
  }
}

// A ValueError is a SlothError, too, though its class is a TypeError.
Object.defineProperty(SlothError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    const isInstance: boolean = Function.prototype[Symbol.hasInstance].call(this, value);
    return isInstance || (this === SlothError && value instanceof ValueError);
  },
});
