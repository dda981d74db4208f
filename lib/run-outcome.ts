import {ExitError, LuaError, SlothError, UncaughtError} from './errors.js';
import type {RunReport} from './run-report.js';
import type {Sendable} from './sendable.js';
import {unreachable} from './util/unreachable.js';

/** Why a run was cancelled, if it was. */
export interface Cancellation {
  readonly code: 'E_ABORTED' | 'E_CLOSED';
  readonly cause: unknown;
}

/**
 * What a run returned.
 *
 * @throws SlothError for every end but success.
 */
export function valuesOf(report: RunReport, cancellation: () => Cancellation): Sendable[] {
  const {kind, message = kind, traceback: luaTraceback} = report;
  switch (kind) {
    case 'succeeded':
      if (report.uncaught > 0) throw new UncaughtError(report.uncaught);
      return report.values;
    case 'failed':
      throw new LuaError(message, {luaTraceback, ...('error' in report && {cause: report.error})});
    case 'memory':
      throw new SlothError('E_MEMORY', message, {luaTraceback});
    case 'syntax':
      throw new SlothError('E_SYNTAX', message);
    case 'timeout':
      throw new SlothError('E_TIMEOUT', message, {luaTraceback});
    case 'cancelled': {
      const {code, cause} = cancellation();
      throw new SlothError(code, message, {cause, luaTraceback});
    }
    case 'deadlock':
      throw new SlothError('E_DEADLOCK', message, {luaTraceback});
    case 'exit':
      throw new ExitError(report.exitCode ?? 0);
    default:
      return unreachable(kind);
  }
}
