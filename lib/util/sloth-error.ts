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
  | 'E_FILE'
  | 'E_TASK_FILE'
  | 'E_NATIVE_LOAD';

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
 * | `E_LUA` | Lua code raised an error: `LuaError` |
 * | `E_MEMORY` | the island has no memory left; raise `memoryLimitBytes` or keep less |
 * | `E_SYNTAX` | the source does not parse |
 * | `E_TIMEOUT` | `timeoutMs` was over |
 * | `E_ABORTED` | the signal or `cancel` stopped it; the reason is the `cause` |
 * | `E_CLOSED` | the runtime is closed or was closed meanwhile |
 * | `E_DEADLOCK` | every goroutine of the run waits and nothing can end that |
 * | `E_VALUE` | an option is wrong, or a value cannot cross into Lua: `ValueError` |
 * | `E_EXIT` | Lua called `os.exit`: `ExitError` |
 * | `E_UNCAUGHT` | the run ended well, but errors of its goroutines went uncaught: `UncaughtError` |
 * | `E_FILE` | the file is missing, a directory, or compiled Lua |
 * | `E_TASK_FILE` | the definitions of a task file are wrong |
 * | `E_NATIVE_LOAD` | no native binary fits this machine; the message names what was tried |
 *
 * `docs/errors.md` tells each one's cure.
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
  /** What kind of error it is. */
  readonly code: ErrorCode;
  /** Where Lua code was, as Lua prints it. */
  readonly luaTraceback: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? {cause: details.cause} : undefined);
    this.code = code;
    this.luaTraceback = details.luaTraceback;
  }

  static {
    SlothError.prototype.name = 'SlothError';
  }
}
