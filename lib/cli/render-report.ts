import type {RunReport} from '../run-report.js';
import {unreachable} from '../util/unreachable.js';
import {exitCode} from './exit-code.js';
import type {Palette} from './palette.js';
import {renderSyntaxError} from './render-syntax-error.js';

/** What is said about a run that ended, and what the process ends with. */
export interface Verdict {
  /** For stderr; empty when there is nothing to say. */
  readonly text: string;
  readonly code: number;
}

/** Turns the report of a script's run into words and an exit code. */
export function renderReport(report: RunReport, source: string, palette: Palette): Verdict {
  const {kind, message = kind, traceback, uncaught} = report;
  const error = `${palette.bad('error:')} ${message}`;
  switch (kind) {
    case 'succeeded':
      return uncaught > 0
        ? {text: uncaughtText(uncaught, palette), code: exitCode.luaError}
        : {text: '', code: exitCode.ok};
    case 'failed':
    case 'memory':
      return {text: withTraceback(error, traceback, palette), code: exitCode.luaError};
    case 'syntax':
      return {text: renderSyntaxError(message, source, palette), code: exitCode.syntax};
    case 'timeout':
      return {text: error, code: exitCode.timeout};
    case 'cancelled':
      return {text: error, code: exitCode.interrupted};
    case 'deadlock':
      return {text: error, code: exitCode.deadlock};
    case 'exit':
      return {text: '', code: (report.exitCode ?? 0) & 0xff};
    default:
      return unreachable(kind);
  }
}

/** What is said when goroutines failed and nobody awaited them; their errors were printed before. */
export function uncaughtText(uncaught: number, palette: Palette): string {
  const what = uncaught === 1 ? '1 goroutine failed' : `${uncaught} goroutines failed`;
  return `${palette.bad('error:')} ${what} and nobody awaited it; see above`;
}

/** An error with Lua's traceback under it, where there is one. */
export function withTraceback(error: string, traceback: string | undefined, palette: Palette): string {
  return traceback ? `${error}\n${palette.quiet(traceback)}` : error;
}
