import {parse} from 'node:path';
import {SlothError} from '../errors.js';
import {EventHub} from '../modules/event/event-hub.js';
import {type PermissionOptions, Permissions} from '../modules/permissions.js';
import {PluginLoader} from '../modules/plugins/plugin-loader.js';
import {type StandardModuleOptions, standardModules} from '../modules/standard-modules.js';
import type {RunOptions} from '../run-options.js';
import {Runtime} from '../runtime.js';
import {formatDuration} from '../util/format-duration.js';
import {exitCode} from './exit-code.js';
import {abortOnInterrupt, dumpOnQuit} from './interrupts.js';
import type {LuaOutput} from './output/lua-output.js';
import {type Palette, paletteFor} from './palette.js';
import type {RunFlags} from './run-command.js';
import type {Secrets} from './task-files/read-secrets.js';

/** What modules read of `runner_config`. */
export type ModuleConfig = ReturnType<NonNullable<StandardModuleOptions['config']>>;

type WorkdirOf = NonNullable<StandardModuleOptions['workdirOf']>;

/** What a program is run with. */
export interface RunContext {
  readonly runtime: Runtime;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
  readonly failFast: boolean;
  readonly palette: Palette;
  /** For task files that import some. */
  readonly plugins: PluginLoader;
  /** What modules tell programs that listen. */
  readonly events: EventHub;
  /** Tells the modules what a task file's `runner_config` says to them, and takes from them what it does not allow. */
  configure(config: ModuleConfig, limits: PermissionOptions | undefined, workdirOf: WorkdirOf): void;
}

/** What surrounds a runtime. */
export interface RunSurroundings {
  /** The file is read and nothing of it will run: it has no effects. */
  readonly onlyDescribes?: boolean | undefined;
  /** The script and its arguments, as Lua's `arg` has them. */
  readonly scriptArg: readonly string[];
  readonly flags: Omit<RunFlags, 'task' | 'taskOnly'>;
  readonly output: LuaOutput;
  readonly secrets: Secrets;
  /** Whether handlers of events that are registered now stay: {@link StandardModuleOptions.handlersStay}. */
  readonly handlersStay?: (() => boolean) | undefined;
}

class Stopped extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Flags of `run` that were not given. */
export const noRunFlags: Omit<RunFlags, 'task' | 'taskOnly'> = {
  virtualTime: false,
  wait: true,
  failFast: false,
  explain: false,
  checkCaptures: false,
  isolated: false,
};

/** Does `work` in a runtime as the flags ask, stops it at Ctrl-C and when its time is over, and answers the exit code. */
export async function runInRuntime(
  {scriptArg, flags, output, secrets, handlersStay, onlyDescribes}: RunSurroundings,
  work: (context: RunContext) => Promise<number>,
): Promise<number> {
  const palette = paletteFor(process.stderr);
  const {virtualTime, timeoutMs, workers, seed, logLevel, trace, failFast} = flags;
  // A reader that went away (`| head`) is no error.
  const onBrokenOutput = (): never => process.exit(exitCode.ok);
  const isolation = flags.isolated ? 'always' : 'auto';
  const clock = virtualTime ? 'virtual' : 'real';
  const given = flags.permissions ? new Permissions(flags.permissions) : Permissions.all();
  const permissions = onlyDescribes ? Permissions.describing() : given;
  let runtime: Runtime;
  let plugins: PluginLoader;
  let configured: ModuleConfig = {};
  let located: WorkdirOf = () => undefined;
  const events = new EventHub();
  try {
    plugins = new PluginLoader({permissions, config: () => configured});
    const modules = standardModules({
      permissions,
      config: () => configured,
      secrets,
      events,
      handlersStay,
      stack: flags.stack ?? stackOf(scriptArg[0]),
      workdirOf: (runId) => located(runId),
    });
    const targets = output.isDirect ? {} : {stdout: output.stdout, stderr: output.stderr};
    runtime = new Runtime({workers, seed, clock, logLevel, isolation, trace, onBrokenOutput, modules, ...targets});
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    say(`${palette.bad('error:')} ${error.message}`);
    return exitCode.usage;
  }
  if (output.isDirect) secrets.mask.whenUsed(() => runtime.divertOutput(output));
  const controller = new AbortController();
  const stopListening = abortOnInterrupt(controller, new Stopped('interrupted', exitCode.interrupted));
  const timer = startTimer(controller, virtualTime ? undefined : timeoutMs);
  const stopDumping = dumpOnQuit(runtime);
  const options = {
    args: scriptArg.slice(1),
    scriptArg,
    noWait: !flags.wait,
    failFast,
    explain: flags.explain,
    checkCaptures: flags.checkCaptures,
    ...(virtualTime && {timeoutMs}),
  };
  try {
    const configure: RunContext['configure'] = (config, limits, workdirOf) => {
      configured = config;
      located = workdirOf;
      if (limits) permissions.narrow(limits);
    };
    const code = await work({
      runtime,
      options,
      signal: controller.signal,
      failFast,
      palette,
      events,
      plugins,
      configure,
    });
    return stoppedCode(controller.signal, palette) ?? code;
  } finally {
    clearTimeout(timer);
    stopListening();
    await runtime.close({deadlineMs: 2000});
    await plugins.close();
    output.flush();
    stopDumping();
    if (trace !== undefined) say(traceText(trace, runtime));
  }
}

/** A file's things are kept under its name, without where it is and what it ends with. */
function stackOf(path = ''): string {
  return parse(path).name || 'default';
}

function traceText(path: string, {traced: {events, dropped}}: Runtime): string {
  const older = dropped > 0 ? `; there was no room for the ${dropped} before them` : '';
  return `trace: ${events} events in ${path}${older}`;
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
