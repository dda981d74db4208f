import {type Command, Option} from 'commander';
import type {PermissionOptions} from '../../modules/permissions.js';
import type {LogLevel} from '../../runtime-options.js';
import {exitCodesHelp} from '../exit-code.js';
import {parseSeed, parseTimeout, parseWorkers} from '../flag-values.js';
import type {RunFlags} from '../run-command.js';
import type {CommandContext} from './command-context.js';

interface RawFlags {
  readonly workers?: number;
  readonly seed?: bigint;
  readonly virtualTime?: true;
  readonly trace?: string;
  readonly timeout?: number;
  readonly logLevel?: LogLevel;
  readonly wait: boolean;
  readonly failFast?: true;
  readonly explain?: true;
  readonly checkCaptures?: true;
  readonly isolated?: true;
  readonly allowNone?: true;
  readonly allowExec?: true | readonly string[];
  readonly allowRead?: true | readonly string[];
  readonly allowWrite?: true | readonly string[];
  readonly allowNet?: true | readonly string[];
  readonly allowEnv?: true | readonly string[];
}

/** Defines `run`. */
export function addRunCommand(program: Command, {scriptArgs, finish}: CommandContext): void {
  program
    .command('run')
    .summary('run a .lua script or a .sloth task file')
    .description(
      'Runs a .lua script, or the workflows of a .sloth task file. The file - is standard input.\n' +
        "What stands behind -- is the script's arguments: `...` and `arg`, as with lua.",
    )
    .usage('[options] <file> [-- args...]')
    .argument('<file>', 'what to run')
    .showHelpAfterError('(arguments for the script stand behind --; see sloth-runner run --help)')
    .option('--workers <n>', 'OS threads that run Lua (default: one per core)', parseWorkers)
    .option('--no-wait', 'cancel goroutines that still run when the main chunk returns')
    .option('--fail-fast', 'the first uncaught goroutine error or failed task stops everything')
    .option('--timeout <d>', 'stop after a time, such as 500ms, 10s or 1h30m', parseTimeout)
    .option('--seed <n>', 'make math.random reproducible', parseSeed)
    .option('--virtual-time', 'make the whole run reproducible: --seed decides the order, the clock jumps over waits')
    .option('--trace <file>', 'record what goroutines and workers do, for Perfetto')
    .option('--explain', 'print where each goroutine runs, and why')
    .option('--isolated', 'every goroutine gets an island of its own; what would share state raises')
    .option('--check-captures', 'report captured tables that changed after they were copied')
    .addOption(
      new Option('--log-level <level>', 'least severe log messages shown').choices([
        'debug',
        'info',
        'warn',
        'error',
        'off',
      ]),
    )
    .option('--allow-exec [programs]', 'modules may start these programs (git,npm), or any', addNames)
    .option('--allow-read [paths]', 'modules may read below these directories, or anywhere', addNames)
    .option('--allow-write [paths]', 'modules may write below these directories, or anywhere', addNames)
    .option('--allow-net [hosts]', 'modules may talk to these hosts (example.org,localhost:8080), or any', addNames)
    .option('--allow-env [names]', 'modules may read these environment variables, or any', addNames)
    .option('--allow-none', 'modules may do nothing that no other --allow flag names; without any, they may do all')
    .addHelpText(
      'after',
      `
Examples:
  sloth-runner run hello.lua
  sloth-runner run build.sloth --fail-fast --timeout 10m
  sloth-runner run resize.lua --workers 4 -- --width 200 photos/

${exitCodesHelp()}`,
    )
    .action(async (file: string, flags: RawFlags) => {
      const {runCommand} = await import('../run-command.js');
      finish(await runCommand(file, scriptArgs, runFlags(flags)));
    });
}

function runFlags(flags: RawFlags): RunFlags {
  const {workers, seed, virtualTime, trace, timeout, logLevel, wait, failFast, explain, checkCaptures, isolated} =
    flags;
  return {
    ...(workers !== undefined && {workers}),
    ...(seed !== undefined && {seed}),
    virtualTime: virtualTime ?? false,
    ...(trace !== undefined && {trace}),
    ...(timeout !== undefined && {timeoutMs: timeout}),
    ...(logLevel !== undefined && {logLevel}),
    wait,
    failFast: failFast ?? false,
    explain: explain ?? false,
    checkCaptures: checkCaptures ?? false,
    isolated: isolated ?? false,
    permissions: permissionsOf(flags),
  };
}

// Without flags everything is allowed; the first flag makes them a list of what is.
function permissionsOf(flags: RawFlags): PermissionOptions | undefined {
  const {allowExec: exec, allowRead: read, allowWrite: write, allowNet: net, allowEnv: env, allowNone} = flags;
  const given = {exec, read, write, net, env};
  return allowNone || Object.values(given).some(Boolean) ? given : undefined;
}

function addNames(text: string, before: true | readonly string[] | undefined): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  return before === true || before === undefined ? names : [...before, ...names];
}
