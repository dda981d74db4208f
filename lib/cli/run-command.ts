import {SlothError} from '../errors.js';
import {type PermissionOptions, Permissions} from '../modules/permissions.js';
import {standardModules} from '../modules/standard-modules.js';
import type {RunOptions} from '../run-options.js';
import {Runtime} from '../runtime.js';
import type {LogLevel} from '../runtime-options.js';
import {formatDuration} from '../util/format-duration.js';
import {readScript, type Script} from '../util/read-script.js';
import {sourceText} from '../util/source-text.js';
import {exitCode} from './exit-code.js';
import {abortOnInterrupt, dumpOnQuit} from './interrupts.js';
import {type Palette, paletteFor} from './palette.js';
import {renderReport} from './render-report.js';

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
  /** Missing: everything is allowed. */
  readonly permissions?: PermissionOptions | undefined;
}

/** What the two kinds of files are run with. */
export interface RunContext {
  readonly runtime: Runtime;
  readonly script: Script;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
  readonly failFast: boolean;
  readonly palette: Palette;
}

class Stopped extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Runs a `.lua` or `.sloth` file to its end and returns the exit code. Says on stderr what went wrong. */
export async function runCommand(path: string, args: readonly string[], flags: RunFlags): Promise<number> {
  const palette = paletteFor(process.stderr);
  let script: Script;
  try {
    script = await readScript(path);
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    say(`${palette.bad('error:')} ${error.message}`);
    return exitCode.usage;
  }
  const {virtualTime, timeoutMs} = flags;
  if (virtualTime && script.dialect === 'task') {
    say(`${palette.bad('error:')} ${notDeterministic('--virtual-time', path)}`);
    return exitCode.usage;
  }
  const {workers, seed, logLevel, trace, failFast} = flags;
  // A reader that went away (`| head`) is no error.
  const onBrokenOutput = (): never => process.exit(exitCode.ok);
  const isolation = flags.isolated ? 'always' : 'auto';
  const clock = virtualTime ? 'virtual' : 'real';
  const permissions = flags.permissions ? new Permissions(flags.permissions) : Permissions.all();
  let runtime: Runtime;
  try {
    const modules = standardModules({permissions});
    runtime = new Runtime({workers, seed, clock, logLevel, isolation, trace, onBrokenOutput, modules});
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    say(`${palette.bad('error:')} ${error.message}`);
    return exitCode.usage;
  }
  const controller = new AbortController();
  const stopListening = abortOnInterrupt(controller, new Stopped('interrupted', exitCode.interrupted));
  const timer = startTimer(controller, virtualTime ? undefined : timeoutMs);
  const stopDumping = dumpOnQuit(runtime);
  const options = {
    args,
    scriptArg: [path, ...args],
    noWait: !flags.wait,
    failFast,
    explain: flags.explain,
    checkCaptures: flags.checkCaptures,
    ...(virtualTime && {timeoutMs}),
  };
  try {
    const run = script.dialect === 'task' ? (await import('./run-task-script.js')).runTaskScript : runLuaScript;
    const code = await run({runtime, script, options, signal: controller.signal, failFast, palette});
    return stoppedCode(controller.signal, palette) ?? code;
  } finally {
    clearTimeout(timer);
    stopListening();
    await runtime.close({deadlineMs: 2000});
    stopDumping();
    if (trace !== undefined) say(traceText(trace, runtime));
  }
}

function traceText(path: string, {traced: {events, dropped}}: Runtime): string {
  const older = dropped > 0 ? `; there was no room for the ${dropped} before them` : '';
  return `trace: ${events} events in ${path}${older}`;
}

async function runLuaScript({runtime, script, options, signal, palette}: RunContext): Promise<number> {
  const {source, chunkName} = script;
  const report = await runtime.start(source, {...options, chunkName, signal}).report;
  if (signal.aborted && report.kind === 'cancelled') return exitCode.interrupted;
  const {text, code} = renderReport(report, sourceText(source), palette);
  say(text);
  return code;
}

/** Why a task file cannot be run on a virtual clock. */
export function notDeterministic(what: string, path: string): string {
  return `${what} takes a .lua script: ${path} is a task file, and the commands of tasks follow no virtual clock`;
}

function startTimer(controller: AbortController, timeoutMs: number | undefined): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  const reason = new Stopped(`not done after ${formatDuration(timeoutMs)}`, exitCode.timeout);
  return setTimeout(() => controller.abort(reason), timeoutMs);
}

// What stopped the run before its end, whatever it has come to since then.
function stoppedCode({aborted, reason}: AbortSignal, palette: Palette): number | undefined {
  if (!aborted || !(reason instanceof Stopped)) return undefined;
  say(`${palette.bad('error:')} ${reason.message}`);
  return reason.code;
}

function say(text: string): void {
  if (text !== '') process.stderr.write(`${text}\n`);
}
