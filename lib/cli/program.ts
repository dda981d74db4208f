import {Command, InvalidArgumentError, Option} from 'commander';
import type {PermissionOptions} from '../modules/permissions.js';
import type {LogLevel} from '../runtime-options.js';
import {parseDuration} from '../util/parse-duration.js';
import {exitCodeTable} from './exit-code.js';
import type {ExploreFlags} from './explore-command.js';
import type {RunFlags} from './run-command.js';

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

interface RawExploreFlags {
  readonly runs: number;
  readonly seed: bigint;
  readonly anyOutput?: true;
  readonly timeout?: number;
  readonly wait: boolean;
  readonly failFast?: true;
}

/**
 * The command line as commander knows it. What a command does is loaded when it runs.
 *
 * @param scriptArgs what stood behind `--`.
 * @param finish takes the exit code of the command that ran.
 */
export function createProgram(scriptArgs: readonly string[], finish: (code: number) => void): Command {
  const program = new Command('sloth-runner')
    .description('Runs Lua scripts and .sloth task files; goroutines in them use all cores.')
    .option('-V, --version', 'print the versions of this program, of Lua and of Node.js')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', `\n${exitCodes()}`)
    .showHelpAfterError('(see sloth-runner --help)')
    .exitOverride();

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

${exitCodes()}`,
    )
    .action(async (file: string, flags: RawFlags) => {
      const {runCommand} = await import('./run-command.js');
      finish(await runCommand(file, scriptArgs, runFlags(flags)));
    });

  program
    .command('docs')
    .summary('tell about the functions that Lua programs can call')
    .description(
      'Tells about a module (channel), a function (channel.make) or a method (mutex.lock); alone, lists all.',
    )
    .argument('[name]', 'what to tell about')
    .option('--json', 'print the entries of the registry')
    .action(async (name: string | undefined, flags: {readonly json?: true}) => {
      const {docsCommand} = await import('./docs-command.js');
      finish(docsCommand(name, {json: flags.json ?? false}));
    });

  program
    .command('explore')
    .summary('look for a seed with which a .lua script fails')
    .description(
      'Runs a .lua script with one seed after the other, as run --virtual-time does, and stops at the first that ends in an\n' +
        'error, a deadlock or an exit code other than 0, or prints something else than the first one did. Prints what that\n' +
        'run printed, and the command that repeats it.',
    )
    .usage('[options] <file> [-- args...]')
    .argument('<file>', 'what to run')
    .showHelpAfterError('(arguments for the script stand behind --; see sloth-runner explore --help)')
    .option('--runs <n>', 'how many seeds to try', parseRuns, 1000)
    .option('--seed <n>', 'the first seed', parseSeed, 0n)
    .option('--any-output', 'go on when a run prints something else than the first one')
    .option('--timeout <d>', 'virtual time after which a run fails, such as 500ms, 10s or 1h30m', parseTimeout)
    .option('--no-wait', 'cancel goroutines that still run when the main chunk returns')
    .option('--fail-fast', 'the first uncaught goroutine error ends a run')
    .addHelpText('after', `\n${exitCodes()}`)
    .action(async (file: string, flags: RawExploreFlags) => {
      const {exploreCommand} = await import('./explore-command.js');
      finish(await exploreCommand(file, scriptArgs, exploreFlags(flags)));
    });

  program
    .command('doctor')
    .summary('tell what the native part finds on this machine')
    .description('Prints platform, C library, versions, and each native binary that was tried with what came of it.')
    .action(async () => {
      const {doctorCommand} = await import('./doctor-command.js');
      finish(doctorCommand());
    });

  program
    .command('build-native')
    .summary('compile the native part where no prebuilt binary fits')
    .description('Compiles the native part of this installation. Needs a C++20 compiler, make and Python 3.')
    .action(async () => {
      const {buildNativeCommand} = await import('./build-native-command.js');
      finish(await buildNativeCommand());
    });

  return program;
}

function exitCodes(): string {
  return `Exit codes:\n${exitCodeTable.map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}`).join('\n')}\n`;
}

function exploreFlags({runs, seed, anyOutput, timeout, wait, failFast}: RawExploreFlags): ExploreFlags {
  return {
    runs,
    seed,
    anyOutput: anyOutput ?? false,
    ...(timeout !== undefined && {timeoutMs: timeout}),
    wait,
    failFast: failFast ?? false,
  };
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

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > 1024)
    throw new InvalidArgumentError('Give a number from 1 to 1024.');
  return workers;
}

function parseRuns(text: string): number {
  const runs = Number(text);
  if (!/^\d+$/.test(text) || runs < 1 || !Number.isSafeInteger(runs))
    throw new InvalidArgumentError('Give a number of runs.');
  return runs;
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDuration(text);
  if (!timeoutMs) throw new InvalidArgumentError('Give a duration such as 500ms, 10s, 5m or 1h30m.');
  return timeoutMs;
}

function parseSeed(text: string): bigint {
  if (!/^-?(?:\d+|0x[\da-f]+)$/i.test(text)) throw new InvalidArgumentError('Give an integer.');
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}
