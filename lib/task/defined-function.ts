import type {LuaFunction} from '../lua-function.js';
import type {Place} from './problem.js';

/** A Lua function that a task file gave to the DSL. */
export class DefinedFunction implements Place {
  readonly file: string;
  /** Where it begins and ends in its file. */
  readonly line: number;
  readonly lastLine: number;
  /** What its first parameter asks for. */
  readonly takes: 'this' | 'params' | 'ctx';
  /** Calls it: the first argument is a request, the rest depends on the request's `form`. Answers as the request asks. */
  readonly call: LuaFunction;

  constructor(fields: Pick<DefinedFunction, 'file' | 'line' | 'lastLine' | 'takes' | 'call'>) {
    this.file = fields.file;
    this.line = fields.line;
    this.lastLine = fields.lastLine;
    this.takes = fields.takes;
    this.call = fields.call;
  }
}
