import {readFile} from 'node:fs/promises';
import {LuaFunction} from '../lua-function.js';
import type {RunOptions} from '../run-options.js';
import type {RunReport} from '../run-report.js';
import type {Runtime} from '../runtime.js';
import type {Sendable} from '../sendable.js';
import {sourceText} from '../util/source-text.js';
import {TaskHost} from './execution/task-host.js';
import type {PluginRequests} from './plugin-requests.js';
import {taskPreludes} from './preludes.js';
import {type Definitions, readDefinitions} from './reading/definition.js';
import {taskAliases, taskKeys} from './schema/task-keys.js';
import {shippedTemplate} from './shipped-templates.js';

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
  /** What it had said by then; missing when it does not even parse. */
  readonly definitions: Definitions | undefined;
  /** Text of the file and its imports, by path. */
  readonly sources: ReadonlyMap<string, string>;
  /** What its functions call while they run. */
  readonly host: TaskHost;
}

/** How a file is read. */
export interface LoadOptions {
  /** For the run of its top level. */
  readonly run: RunOptions;
  /** What its global `values` holds. */
  readonly values: Readonly<Record<string, Sendable>>;
  /** Nothing of it will run: what its top level would change outside of it raises. */
  readonly onlyDescribes?: boolean | undefined;
  readonly plugins: PluginRequests;
}

/** Runs a task file's top level, which defines its tasks. Goroutines it starts there end before this resolves. */
export async function loadFile(
  runtime: Runtime,
  file: TaskFile,
  {run, values, onlyDescribes = false, plugins}: LoadOptions,
): Promise<LoadedFile> {
  let describe: LuaFunction | undefined;
  const host = new TaskHost();
  const functions = host.functions({
    publish: (fn) => {
      if (fn instanceof LuaFunction) describe = fn;
    },
    values,
    template: shippedTemplate,
    plugin: (name, enabled, paths) => plugins.load(name, enabled, paths),
    taskMethods: [...Object.keys(taskKeys), ...Object.keys(taskAliases), 'build', 'name'],
  });
  const {path, source, chunkName} = file;
  const text = sourceText(source);
  const preludes = taskPreludes(text, functions, onlyDescribes);
  const report = await runtime.start(source, {...run, chunkName, dialect: 'task', preludes}).report;
  if (!describe || report.kind === 'syntax')
    return {report, definitions: undefined, sources: new Map([[path, text]]), host};
  const [answer] = await describe.call();
  describe.release();
  const definitions = readDefinitions(answer);
  return {report, definitions, sources: await sourcesOf(path, text, definitions), host};
}

async function sourcesOf(path: string, text: string, {imports}: Definitions): Promise<ReadonlyMap<string, string>> {
  const read = imports.map(async (name) => {
    const shipped = name.startsWith('sloth:') ? shippedTemplate(name.slice('sloth:'.length)) : undefined;
    if (typeof shipped === 'string') return [name, shipped] as const;
    return [name, await readFile(name, 'utf8').catch(() => '')] as const;
  });
  return new Map([[path, text], ...(await Promise.all(read))]);
}
