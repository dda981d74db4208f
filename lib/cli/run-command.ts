import {SlothError} from '../errors.js';
import type {PermissionOptions} from '../modules/permissions.js';
import type {LogLevel} from '../runtime-options.js';
import {readScript, type Script} from '../util/read-script.js';
import {SecretMask} from '../util/secret-mask.js';
import {sourceText} from '../util/source-text.js';
import {exitCode} from './exit-code.js';
import {maskedOutput} from './output/lua-output.js';
import {processStreams} from './output/output-view.js';
import {paletteFor} from './palette.js';
import {renderReport} from './render-report.js';
import {type RunContext, runInRuntime} from './run-in-runtime.js';
import {readSecrets} from './task-files/read-secrets.js';
import type {TaskRunFlags} from './task-files/task-flags.js';

/** The flags of `run`, as they were given. */
export interface RunFlags {
  readonly workers?: number;
  readonly seed?: bigint;
  readonly virtualTime: boolean;
  readonly timeoutMs?: number;
  readonly trace?: string;
  readonly logLevel?: LogLevel;
  readonly wait: boolean;
  readonly failFast: boolean;
  readonly explain: boolean;
  readonly checkCaptures: boolean;
  readonly isolated: boolean;
  /** Missing: the name of the file. */
  readonly stack?: string | undefined;
  /** Missing: everything is allowed. */
  readonly permissions?: PermissionOptions | undefined;
  /** Those for task files only. */
  readonly task: TaskRunFlags;
  /** Which of those were given, as they are written. */
  readonly taskOnly: readonly string[];
}

/** Runs a `.lua` or `.sloth` file to its end and returns the exit code. Says on stderr what went wrong. */
export async function runCommand(path: string, args: readonly string[], flags: RunFlags): Promise<number> {
  const complain = (message: string): number => {
    process.stderr.write(`${paletteFor(process.stderr).bad('error:')} ${message}\n`);
    return exitCode.usage;
  };
  let script: Script;
  try {
    script = await readScript(path);
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    return complain(error.message);
  }
  if (script.dialect === 'task') {
    if (flags.virtualTime) return complain(notDeterministic('--virtual-time', path));
    const {runTaskCommand} = await import('./task-files/run-task-command.js');
    return runTaskCommand(script, args, flags);
  }
  const [first] = flags.taskOnly;
  if (first !== undefined) {
    return complain(`${first} is for task files (.sloth); ${path} is a script, whose arguments stand behind --`);
  }
  const mask = new SecretMask();
  try {
    const secrets = await readSecrets(flags.task.secrets, mask);
    const surroundings = {scriptArg: [path, ...args], flags, output: maskedOutput(mask, processStreams), secrets};
    return await runInRuntime(surroundings, (context) => runLuaScript(script, context, mask));
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    return complain(error.message);
  }
}

async function runLuaScript({source, chunkName}: Script, context: RunContext, mask: SecretMask): Promise<number> {
  const {runtime, options, signal, palette} = context;
  const report = await runtime.start(source, {...options, chunkName, signal}).report;
  if (signal.aborted && report.kind === 'cancelled') return exitCode.interrupted;
  const {text, code} = renderReport(report, sourceText(source), palette);
  if (text !== '') process.stderr.write(`${mask.text(text)}\n`);
  return code;
}

/** Why a task file cannot be run on a virtual clock. */
export function notDeterministic(what: string, path: string): string {
  return `${what} takes a .lua script: ${path} is a task file, and the commands of tasks follow no virtual clock`;
}
