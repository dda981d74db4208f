/** The stable codes of what this library throws. */
export type ErrorCode =
  | 'E_LUA'
  | 'E_MEMORY'
  | 'E_SYNTAX'
  | 'E_TIMEOUT'
  | 'E_ABORTED'
  | 'E_CLOSED'
  | 'E_DEADLOCK'
  | 'E_VALUE'
  | 'E_EXIT'
  | 'E_UNCAUGHT'
  | 'E_FILE';

/** What an error carries beside its message. */
export interface ErrorDetails {
  /** What made it happen: an abort reason, a file system error. */
  readonly cause?: unknown;
  /** Where Lua code was, as Lua prints it. */
  readonly luaTraceback?: string | undefined;
}

/**
 * The base of every error this library throws. Switch on `code`, never on the message.
 *
 * | code | when |
 * |---|---|
 * | `E_LUA` | Lua code raised an error: {@link LuaError} |
 * | `E_MEMORY` | the island has no memory left; raise `memoryLimitBytes` or keep less |
 * | `E_SYNTAX` | the source does not parse |
 * | `E_TIMEOUT` | `timeoutMs` was over |
 * | `E_ABORTED` | the signal or `cancel` stopped it; the reason is the `cause` |
 * | `E_CLOSED` | the runtime is closed or was closed meanwhile |
 * | `E_DEADLOCK` | every goroutine of the run waits and nothing can end that |
 * | `E_VALUE` | an option is wrong, or a value cannot cross into Lua: {@link ValueError} |
 * | `E_EXIT` | Lua called `os.exit`: {@link ExitError} |
 * | `E_UNCAUGHT` | the run ended well, but errors of its goroutines went uncaught: {@link UncaughtError} |
 * | `E_FILE` | the file is missing, a directory, or compiled Lua |
 *
 * @example
 * ```ts
 * try {
 *   await runtime.run('error("no disk")');
 * } catch (error) {
 *   if (error instanceof SlothError && error.code === 'E_LUA') console.error(error.luaTraceback);
 * }
 * ```
 */
export class SlothError extends Error {
  readonly code: ErrorCode;
  readonly luaTraceback: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? {cause: details.cause} : undefined);
    this.code = code;
    this.luaTraceback = details.luaTraceback;
  }

  static {
    SlothError.prototype.name = 'SlothError';
    // A ValueError is one, too, though its class is a TypeError.
    Object.defineProperty(SlothError, Symbol.hasInstance, {
      value(this: unknown, value: unknown): boolean {
        const isInstance: boolean = Function.prototype[Symbol.hasInstance].call(this, value);
        return isInstance || (this === SlothError && value instanceof ValueError);
      },
    });
  }
}

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
