import {type Command, Option} from 'commander';
import type {PermissionOptions} from '../../modules/permissions.js';
import type {LogLevel} from '../../runtime-options.js';
import {exitCodesHelp} from '../exit-code.js';
import {parseCount, parseSeed, parseTimeout, parseWorkers} from '../flag-values.js';
import type {OutputMode} from '../output/output-view.js';
import type {RunFlags} from '../run-command.js';
import type {CommandContext} from './command-context.js';
import {addTaskFileOptions, type RawTaskFileFlags, taskFileFlags} from './task-options.js';

interface RawFlags extends RawTaskFileFlags {
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
  readonly stack?: string;
  readonly allowNone?: true;
  readonly allowExec?: true | readonly string[];
  readonly allowRead?: true | readonly string[];
  readonly allowWrite?: true | readonly string[];
  readonly allowNet?: true | readonly string[];
  readonly allowEnv?: true | readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
  readonly output?: OutputMode;
  readonly maxConcurrency?: number;
  readonly keepTemp?: true;
  readonly resume?: string | true;
  readonly from?: string;
  readonly only?: string;
  readonly rerunFailed?: true;
  readonly withCurrentCode?: true;
  readonly journal: boolean;
}

/** Those that only a task file knows. */
const taskOptions = [
  ...['workflow', 'values', 'set', 'param', 'config', 'allowUnsupported', 'dryRun', 'json', 'output', 'maxConcurrency'],
  ...['keepTemp', 'resume', 'from', 'only', 'rerunFailed', 'withCurrentCode', 'journal'],
];

/** Defines `run`. */
export function addRunCommand(program: Command, {scriptArgs, finish}: CommandContext): void {
  const run = program
    .command('run')
    .summary('run a .lua script or a .sloth task file')
    .description(
      'Runs a .lua script, or the workflows of a .sloth task file. The file - is standard input.\n' +
        "What stands behind -- is the script's arguments: `...` and `arg`, as with lua.",
    )
    .usage('[options] <file> [task...] [-- args...]')
    .argument('<file>', 'what to run')
    .argument('[task...]', 'of a task file only these tasks, with all they need')
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
    .option('--stack <name>', 'what the module stack keeps things under (default: the name of the file)')
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
    .option('--allow-none', 'modules may do nothing that no other --allow flag names; without any, they may do all');

  addTaskFileOptions(run)
    .option('--dry-run', 'print what a task file would run, and run nothing')
    .addOption(
      new Option('--output <mode>', 'how tasks are shown (default: tree on a terminal, else grouped)').choices([
        'tree',
        'grouped',
        'plain',
      ]),
    )
    .option('--json', 'print every event as a line of JSON')
    .option('--max-concurrency <n>', 'tasks that may run at a time (default: one per core)', parseCount)
    .option('--keep-temp', 'leave temporary folders of tasks')
    .option('--resume [run]', 'go on with a run, the latest by default')
    .option(
      '--from <task>',
      'take over results of the latest run, or of --resume, and run this task and what needs it again',
    )
    .option('--only <task>', 'take over results of the latest run, or of --resume, and run only this task')
    .option('--rerun-failed', 'take over what succeeded in the latest run, or in --resume, and run the rest')
    .option('--with-current-code', 'go on although the task file has changed since')
    .option('--no-journal', 'keep no journal: the run cannot be gone on with')
    .addHelpText(
      'after',
      `
Examples:
  sloth-runner run hello.lua
  sloth-runner run build.sloth --fail-fast --timeout 10m
  sloth-runner run build.sloth compile --param level=release
  sloth-runner run build.sloth --resume
  sloth-runner run resize.lua --workers 4 -- --width 200 photos/

${exitCodesHelp()}`,
    )
    .action(async (file: string, tasks: readonly string[], flags: RawFlags) => {
      const {runCommand} = await import('../run-command.js');
      const given = taskOptions.filter((name) => run.getOptionValueSource(name) === 'cli');
      const taskOnly = given.map((name) => run.options.find((option) => option.attributeName() === name)?.long ?? name);
      const all = runFlags(flags, tasks, tasks.length > 0 ? [...taskOnly, `task ${tasks[0]}`] : taskOnly);
      finish(await runCommand(file, scriptArgs, all));
    });
}

function runFlags(flags: RawFlags, tasks: readonly string[], taskOnly: readonly string[]): RunFlags {
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
    ...(flags.stack !== undefined && {stack: flags.stack}),
    permissions: permissionsOf(flags),
    task: {
      ...taskFileFlags(flags),
      tasks,
      dryRun: flags.dryRun ?? false,
      json: flags.json ?? false,
      output: flags.output,
      maxConcurrency: flags.maxConcurrency,
      keepTemp: flags.keepTemp ?? false,
      resume: flags.resume,
      from: flags.from,
      only: flags.only,
      rerunFailed: flags.rerunFailed ?? false,
      withCurrentCode: flags.withCurrentCode ?? false,
      journal: flags.journal,
    },
    taskOnly,
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
