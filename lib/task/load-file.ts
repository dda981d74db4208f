import {LuaFunction} from '../lua-function.js';
import type {RunOptions} from '../run-options.js';
import type {RunReport} from '../run-report.js';
import type {Runtime} from '../runtime.js';
import type {Sendable} from '../sendable.js';
import {sourceText} from '../util/source-text.js';
import {type FileDescription, readDescription} from './description.js';
import {taskPreludes} from './preludes.js';

/** A task file as it is to be read. */
export interface TaskFile {
  readonly path: string;
  readonly source: string | Uint8Array;
  readonly chunkName: string;
}

/** A file that was read, though perhaps not to its end. */
export interface LoadedFile {
  /** How reading it went. */
  readonly report: RunReport;
  /** What it had defined by then; missing when it does not even parse. */
  readonly description: FileDescription | undefined;
}

/** Runs a task file's top level, which defines its tasks. Goroutines it starts there end before this resolves. */
export async function loadFile(runtime: Runtime, file: TaskFile, options: RunOptions): Promise<LoadedFile> {
  let describe: LuaFunction | undefined;
  const publish = (fn: Sendable): void => {
    if (fn instanceof LuaFunction) describe = fn;
  };
  const {path, source, chunkName} = file;
  const preludes = taskPreludes(sourceText(source), publish);
  const report = await runtime.start(source, {...options, chunkName, dialect: 'task', preludes}).report;
  if (!describe || report.kind === 'syntax') return {report, description: undefined};
  const [answer] = await describe.call();
  describe.release();
  return {report, description: readDescription(answer, path)};
}
